"""Each function stands for itself: its own role, its own log, and one alias that everything invokes."""

from .permissions import BUSES

FUNCTION, ALIAS = "AWS::Lambda::Function", "AWS::Lambda::Alias"


def every_function_has_a_role_of_its_own(installation):
    """A shared role gives each function what any of them needs."""
    return _of_its_own(installation, "AWS::IAM::Role", lambda properties: properties.get("Role"))


def every_function_has_a_log_group_of_its_own(installation):
    """Lambda makes the missing one itself, and keeps what is in it for ever."""
    return _of_its_own(
        installation,
        "AWS::Logs::LogGroup",
        lambda properties: properties.get("LoggingConfig", {}).get("LogGroup"),
    )


def every_function_is_published_behind_an_alias(installation):
    """Without versions there is nothing to go back to when a deployment fails."""
    published = [
        function
        for alias in installation.of_type(ALIAS)
        for function in installation.meant_by(alias.template, alias.properties.get("FunctionName"))
    ]
    for function in installation.of_type(FUNCTION):
        if function not in published:
            yield f"{function}: has no alias"


def every_invoker_goes_to_the_alias(installation):
    """What invokes the function itself gets a new version at once, and keeps it when it is taken back."""
    for resource in installation.of_type(
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Permission",
        "AWS::ApiGatewayV2::Integration",
        "AWS::Events::Rule",
    ):
        properties = resource.properties
        invoked = [properties.get("FunctionName"), properties.get("IntegrationUri")]
        invoked += [target["Arn"] for target in properties.get("Targets", [])]
        for reference in invoked:
            if reference is None:
                continue
            found = installation.meant_by(resource.template, reference)
            if [one for one in found if one.type == "AWS::SQS::Queue"]:
                continue
            if reference in BUSES:
                continue
            if not found or [one for one in found if one.type != ALIAS]:
                yield f"{resource}: does not invoke an alias"
    for settings in installation.of_type("AWS::Lambda::EventInvokeConfig"):
        aliases = [alias.properties["Name"] for alias in installation.of_type(ALIAS)]
        if settings.properties.get("Qualifier") not in aliases:
            yield f"{settings}: is not about the alias"


def _of_its_own(installation, kind, reference):
    users = {}
    for function in installation.of_type(FUNCTION):
        found = installation.meant_by(function.template, reference(function.properties))
        owned = [one for one in found if one.type == kind]
        if not owned:
            yield f"{function}: has no {kind} in these templates"
        for one in owned:
            users.setdefault(str(one), []).append(function)
    for owned, functions in users.items():
        if len(functions) > 1:
            for function in functions:
                yield f"{function}: shares {owned} with {len(functions) - 1} other"
