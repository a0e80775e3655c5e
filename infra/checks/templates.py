"""The templates as the checks see them: loaded, expanded as CloudFormation will, and linked.

Rules for Lambda functions and roles find nothing in a SAM template, which looks like a pass. So SAM
templates are expanded first, with the translator that CloudFormation uses, once for each way to
deploy. And a nested template gets what it is about as parameters: `Installation.meant_by` follows
them to the resource, so that a check can ask which table a role may write, whatever it is called.
"""

import json
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from unittest import mock

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

DIRECTORY = Path(__file__).resolve().parent.parent
ROOT = "template.yaml"
# Those that people deploy, and give parameters to; the root gives them to the others.
DEPLOYED_BY_PEOPLE = (ROOT, "environment.yaml")
REGION = "eu-central-1"


class NothingToCheck(Exception):
    """A check found nothing to look at, and would pass without having looked."""


@dataclass(frozen=True)
class Resource:
    template: str
    name: str
    body: dict

    def __str__(self):
        return f"{self.template}: {self.name}"

    @property
    def type(self):
        return self.body["Type"]

    @property
    def properties(self):
        return self.body.get("Properties", {})


def sources():
    """All templates as they are written, by file name."""
    return {path.name: yaml_parse(path.read_text()) for path in sorted(DIRECTORY.glob("*.yaml"))}


def is_sam(template):
    return "Transform" in template


@lru_cache(maxsize=None)
def _expanded(template, gradual):
    template = json.loads(template)
    for resource in template.get("Resources", {}).values():
        for policy in resource.get("Properties", {}).get("Policies", []):
            document = policy["PolicyDocument"]
            document["Statement"] = [_granted(statement) for statement in document["Statement"]]
    if not is_sam(template):
        return template
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam package` puts the built function there; the translator wants to see an address.
            resource["Properties"]["CodeUri"] = "s3://bucket/function.zip"

    class NoManagedPolicies:
        """They would be looked up in an account. Ours are written out in full."""

        def load(self):
            return {}

    with mock.patch.dict(os.environ, AWS_DEFAULT_REGION=REGION):
        return transform(template, {"GradualDeployment": str(gradual).lower()}, NoManagedPolicies())


def _granted(statement):
    """What is granted on a condition is judged as if it were granted always."""
    match statement:
        case {"Fn::If": [_, granted, {"Ref": "AWS::NoValue"}]}:
            return granted
    return statement


class Installation:
    """The root template and those nested in it, expanded."""

    def __init__(self, templates, gradual):
        self._sources, self._gradual = templates, gradual
        self.templates = {
            name: _expanded(json.dumps(template), gradual) for name, template in templates.items()
        }
        # So that a check need not ask first whether there are any.
        for template in self.templates.values():
            template.setdefault("Resources", {})

    def gradually(self):
        """The same, deployed gradually: only then do these templates have what watches a rollout."""
        return self if self._gradual else Installation(self._sources, gradual=True)

    def resources(self):
        return [
            Resource(template, name, body)
            for template, content in self.templates.items()
            for name, body in content["Resources"].items()
        ]

    def of_type(self, *types):
        """Every resource of these types.

        Raises NothingToCheck when there is none.
        """
        found = [resource for resource in self.resources() if resource.type in types]
        if not found:
            raise NothingToCheck(f"there is no {' or '.join(types)}")
        return found

    def meant_by(self, template, value):
        """The resources that a reference in a template leads to, through parameters and outputs.

        A conditional value may lead to several, and what is not a reference to any.
        """
        if not isinstance(value, dict) or len(value) != 1:
            return []
        (function, argument), = value.items()
        if function == "Ref":
            return self._named(template, argument)
        if function == "Fn::GetAtt":
            name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
            if attribute.startswith("Outputs."):
                return self._output(template, name, attribute.removeprefix("Outputs."))
            return self._named(template, name)
        if function == "Fn::Sub" and isinstance(argument, str):
            names = re.findall(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}", argument)
            return [found for name in names for found in self._named(template, name)]
        if function == "Fn::If":
            return [found for branch in argument[1:] for found in self.meant_by(template, branch)]
        return []

    def nested(self):
        """The nested stacks, by the template that each is made of."""
        return {
            resource.properties["TemplateURL"]: resource
            for resource in self.of_type("AWS::CloudFormation::Stack")
        }

    def _named(self, template, name):
        content = self.templates[template]
        if name in content["Resources"]:
            return [Resource(template, name, content["Resources"][name])]
        if name in content.get("Parameters", {}) and template != ROOT:
            passed = self.nested()[template].properties.get("Parameters", {})
            return self.meant_by(ROOT, passed.get(name))
        return []

    def _output(self, template, stack, output):
        nested = self.templates[template]["Resources"].get(stack, {}).get("Properties", {})
        outputs = self.templates.get(nested.get("TemplateURL"), {}).get("Outputs", {})
        return self.meant_by(nested["TemplateURL"], outputs[output]["Value"]) if output in outputs else []


def listed(value):
    """What may be written as one or as several, as several."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def installations(templates=None):
    """The installation in each way to deploy it: all at once, and gradually."""
    templates = sources() if templates is None else templates
    return {
        "all at once": Installation(templates, gradual=False),
        "gradually": Installation(templates, gradual=True),
    }
