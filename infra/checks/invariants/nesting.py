"""The root template and its nested stacks fit together.

CloudFormation finds out only while it deploys; a linter sees one template at a time.
"""

from templates import ROOT, NothingToCheck


def every_template_is_nested(installation):
    """A template that the root doesn't name would be checked and never deployed."""
    nested = installation.nested()
    for template in installation.templates:
        if template != ROOT and template not in nested:
            yield f"{template}: no stack of {ROOT} is made of it"
    for template, stack in nested.items():
        if template not in installation.templates:
            yield f"{stack}: there is no {template}"


def every_passed_parameter_is_declared(installation):
    """CloudFormation refuses a parameter that the nested template doesn't have."""
    for stack, passed, declared in _parameters(installation):
        for name in passed.keys() - declared.keys():
            yield f"{stack}: passes {name}, which {stack.properties['TemplateURL']} does not declare"


def every_required_parameter_is_passed(installation):
    """CloudFormation refuses a stack that lacks a parameter without a default."""
    for stack, passed, declared in _parameters(installation):
        for name, parameter in declared.items():
            if "Default" not in parameter and name not in passed:
                yield f"{stack}: does not pass {name} to {stack.properties['TemplateURL']}"


def every_output_that_is_read_exists(installation):
    """An output that doesn't exist fails the deployment after everything before it was made."""
    root = installation.templates[ROOT]
    read = [
        (reader, name, output)
        for section in ("Resources", "Outputs")
        for reader, content in root.get(section, {}).items()
        for name, output in _outputs_read(content)
    ]
    if not read:
        raise NothingToCheck("no output is read")
    for reader, name, output in read:
        stack = root["Resources"].get(name, {}).get("Properties", {})
        template = installation.templates.get(stack.get("TemplateURL"), {})
        if output not in template.get("Outputs", {}):
            yield f"{ROOT}: {reader}: reads {name}.Outputs.{output}, which does not exist"


def _parameters(installation):
    return [
        (
            stack,
            stack.properties.get("Parameters", {}),
            installation.templates.get(template, {}).get("Parameters", {}),
        )
        for template, stack in installation.nested().items()
    ]


def _outputs_read(value):
    if isinstance(value, dict):
        if "Fn::GetAtt" in value:
            name, attribute = value["Fn::GetAtt"]
            if attribute.startswith("Outputs."):
                yield name, attribute.removeprefix("Outputs.")
        for inner in value.values():
            yield from _outputs_read(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _outputs_read(inner)
