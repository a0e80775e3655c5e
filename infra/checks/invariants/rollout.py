"""How a new version comes: in production a part of the work first, and back when that part fails."""

from templates import ROOT, NothingToCheck

CLASS, GRADUAL = "Class", "GradualDeployment"
ALIAS, GROUP = "AWS::Lambda::Alias", "AWS::CodeDeploy::DeploymentGroup"

# What the alarm is that takes a version back: the first minute in which it fails.
FIRST_FAILURE = {
    "Namespace": "AWS/Lambda",
    "MetricName": "Errors",
    "Statistic": "Sum",
    "Period": "60",
    "EvaluationPeriods": "1",
    "Threshold": "0",
    "ComparisonOperator": "GreaterThanThreshold",
}


def every_class_has_every_key(installation):
    """CloudFormation looks a key up only when somebody deploys an installation of that class."""
    table = _classes(installation)
    keys = set().union(*table.values(), _keys_read(installation.templates[ROOT]))
    classes = installation.templates[ROOT].get("Parameters", {}).get("EnvironmentClass", {})
    for name in classes.get("AllowedValues", []):
        if name not in table:
            yield f"{ROOT}: {name}: is a class that the table {CLASS} does not have"
    for name, values in table.items():
        for key in sorted(keys - values.keys()):
            yield f"{ROOT}: {name}: has no {key} in the table {CLASS}"


def production_rolls_out_gradually(installation):
    """From the table to the function: what is switched off in between, SAM leaves out without a word."""
    if _classes(installation).get("production", {}).get(GRADUAL) != "true":
        yield f"{ROOT}: production: does not roll out gradually"
    for template, stack in installation.nested().items():
        if GRADUAL in installation.templates.get(template, {}).get("Parameters", {}):
            looked_up = {"Fn::FindInMap": [CLASS, {"Ref": "EnvironmentClass"}, GRADUAL]}
            if stack.properties.get("Parameters", {}).get(GRADUAL) != looked_up:
                yield f"{stack}: its class does not decide how it rolls out"
    gradual = installation.gradually()
    for alias in gradual.of_type(ALIAS):
        for function in gradual.meant_by(alias.template, alias.properties["FunctionName"]):
            groups = _groups(gradual, alias)
            if not groups or any("AllAtOnce" in str(one.properties["DeploymentConfigName"]) for one in groups):
                yield f"{function}: gets a new version all at once"


def every_rollout_is_watched_by_alarms_on_its_version(installation):
    """An alarm on the whole function goes off for the old version too, and would stop the fix of it."""
    gradual = installation.gradually()
    watched = [(alias, group) for alias in gradual.of_type(ALIAS) for group in _groups(gradual, alias)]
    if not watched:
        raise NothingToCheck("nothing is rolled out gradually")
    for alias, group in watched:
        settings = group.properties.get("AlarmConfiguration", {})
        alarms = [
            alarm
            for entry in settings.get("Alarms", [])
            for alarm in _meant_when_gradual(gradual, group.template, entry["Name"])
        ]
        if not alarms or not settings.get("Enabled"):
            yield f"{group}: no alarm watches what it rolls out"
        for alarm in alarms:
            if not _looks_at_the_version(gradual, alarm, alias):
                yield f"{group}: {alarm.name} does not look at the version that is rolled out alone"


def _classes(installation):
    table = installation.templates[ROOT].get("Mappings", {}).get(CLASS)
    if not table:
        raise NothingToCheck(f"there is no table {CLASS}")
    return table


def _keys_read(value):
    if isinstance(value, dict):
        looked_up = value.get("Fn::FindInMap", [])
        own = {looked_up[2]} if looked_up[:1] == [CLASS] else set()
        return own.union(*map(_keys_read, value.values()))
    return set().union(*map(_keys_read, value)) if isinstance(value, list) else set()


def _groups(installation, alias):
    update = alias.body.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate", {})
    found = installation.meant_by(alias.template, update.get("DeploymentGroupName"))
    return [one for one in found if one.type == GROUP]


def _meant_when_gradual(installation, template, name):
    """What a name means in a gradual deployment, as the condition for it says."""
    if isinstance(name, dict) and "Fn::If" in name:
        condition, then, _ = name["Fn::If"]
        said = installation.templates[template].get("Conditions", {}).get(condition)
        if said == {"Fn::Equals": [{"Ref": GRADUAL}, "true"]}:
            return _meant_when_gradual(installation, template, then)
    return installation.meant_by(template, name)


def _looks_at_the_version(installation, alarm, alias):
    [function] = installation.meant_by(alias.template, alias.properties["FunctionName"])
    name = function.properties.get("FunctionName", {}).get("Fn::Sub")
    looks = {one["Name"]: one["Value"] for one in alarm.properties["Dimensions"]}
    return FIRST_FAILURE.items() <= {key: str(value) for key, value in alarm.properties.items()}.items() and looks == {
        "FunctionName": {"Fn::Sub": name},
        "Resource": {"Fn::Sub": f"{name}:{alias.properties['Name']}"},
        "ExecutedVersion": alias.properties["FunctionVersion"],
    }
