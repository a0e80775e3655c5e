"""The ways to break a template. A path begins with the template's file name; in a list, a step is the
item's Sid, its Id or its place. A path goes through `!If` to what stands there when its condition holds.
"""


def removed(path):
    def change(templates):
        holder, key = _found(templates, path)
        del holder[key]

    return change


def put(path, value):
    def change(templates):
        holder, key = _found(templates, path)
        holder[key] = value

    return change


def added(path, value):
    """To a list, or to what is written alone where a list may be."""

    def change(templates):
        holder, key = _found(templates, path)
        holder[key] = [*(holder[key] if isinstance(holder[key], list) else [holder[key]]), value]

    return change


def together(*changes):
    def change(templates):
        for one in changes:
            one(templates)

    return change


def _found(templates, path):
    *way, last = path.split("/")
    holder = templates
    for step in way:
        holder = _on_condition(holder[_key(holder, step)])
    return holder, _key(holder, last)


def _on_condition(item):
    return item["Fn::If"][1] if isinstance(item, dict) and item.keys() == {"Fn::If"} else item


def _key(holder, step):
    if isinstance(holder, dict):
        return step
    if step.isdigit():
        return int(step)
    items = [_on_condition(item) for item in holder]
    [place] = [place for place, item in enumerate(items) if step in (item.get("Sid"), item.get("Id"))]
    return place
