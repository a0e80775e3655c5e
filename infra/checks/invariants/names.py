"""What is made of parameters: names that must differ, and text that must not break what it stands in."""

import re

from templates import DEPLOYED_BY_PEOPLE, ROOT, NothingToCheck

# All regions of an account share the names of these.
SHARED = {
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::Chatbot::SlackChannelConfiguration": "ConfigurationName",
    "AWS::IAM::Role": "RoleName",
}
DASHBOARD = "AWS::CloudWatch::Dashboard"

# What ends a string in JSON, alone or within other text.
BREAKS = ('"', 'a"', '"a', 'a"a', "\\", "a\\", "a\\a", "a\na")


def every_name_that_regions_share_has_the_region(installation):
    """Otherwise the installation in a second region fails, or takes over what is the first one's."""
    for kind in (DASHBOARD, "AWS::Chatbot::SlackChannelConfiguration"):
        installation.of_type(kind)
    for resource in installation.of_type(*SHARED):
        name = resource.properties.get(SHARED[resource.type])
        # Without a name, CloudFormation makes one up that nothing else has.
        if name is not None and "AWS::Region" not in _references(name):
            yield f"{resource}: its {SHARED[resource.type]} is the same in each region"


def every_text_in_a_dashboard_is_limited(installation):
    """A dashboard is JSON: a quotation mark in a parameter would end the text that it stands in."""
    used = [
        (template, name)
        for dashboard in installation.of_type(DASHBOARD)
        for template in [dashboard.template]
        for name in sorted(_references(dashboard.properties["DashboardBody"]))
        if name in installation.templates[template].get("Parameters", {})
    ]
    if not used:
        raise NothingToCheck("no parameter goes into a dashboard")
    for template, name in used:
        if not _limited(installation, template, name):
            yield f"{template}: {name}: goes into a dashboard, and may be any text"


def _limited(installation, template, name):
    """Whether a parameter's values are safe: by its own declaration, or as nobody but the root gives it."""
    parameter = installation.templates[template]["Parameters"][name]
    if parameter["Type"] == "Number" or "AllowedValues" in parameter:
        return True
    if "AllowedPattern" in parameter:
        return not any(re.fullmatch(parameter["AllowedPattern"], text) for text in BREAKS)
    if template in DEPLOYED_BY_PEOPLE:
        return False
    return _safe(installation, installation.nested()[template].properties.get("Parameters", {}).get(name))


def _safe(installation, value):
    """Whether what the root passes can be nothing but what it allows."""
    if not isinstance(value, dict):
        return True
    (function, argument), = value.items()
    if function == "Ref":
        ours = argument in installation.templates[ROOT].get("Parameters", {})
        return _limited(installation, ROOT, argument) if ours else argument.startswith("AWS::")
    if function == "Fn::If":
        return all(_safe(installation, branch) for branch in argument[1:])
    return function == "Fn::FindInMap"


def _references(value):
    """The names that a value refers to, wherever in it."""
    if isinstance(value, str):
        return set()
    if isinstance(value, list):
        return {name for one in value for name in _references(one)}
    if not isinstance(value, dict):
        return set()
    found = {name for one in value.values() for name in _references(one)}
    if isinstance(value.get("Ref"), str):
        found.add(value["Ref"])
    if "Fn::Sub" in value:
        text, *own = value["Fn::Sub"] if isinstance(value["Fn::Sub"], list) else [value["Fn::Sub"]]
        named = set(re.findall(r"\$\{([A-Za-z0-9:]+)[^}]*\}", text))
        found |= named - {name for names in own for name in names}
    return found
