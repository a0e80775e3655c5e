//! What runs beside the environment before it on the path: `LAGGING` and `UNSEEN`.

use super::grounds::{Grounds, called, in_region};
use super::{Evidence, Finding, Kind, Lacking, Seen};
use crate::Timestamp;
use crate::identifiers::Region;
use crate::live::Live;
use crate::live::log::Entry;
use crate::live::log_key::LogKey;
use crate::live::thing::Thing;
use crate::questions::compare::{Part, Related, Relation, Side, parts, relate, running};

/// A part of a place that lags.
struct Lags {
    region: Option<Region>,
    live: Live,
    /// How many things it is behind, and whether there are more than were read.
    by: usize,
    more: bool,
    /// The oldest of these that was read.
    since: Timestamp,
    landings: Vec<Evidence>,
}

/// Behind the environment before it by more than `lagging.deployments`, or for longer than `lagging.days`. Of several
/// environments before it, behind each: what it is the least behind counts.
pub(super) fn lagging(grounds: &Grounds<'_>, seen: &Seen) -> Option<Finding> {
    let of_each = compared(grounds, seen)?.into_iter().map(|(before, related)| {
        let lags: Vec<Lags> =
            related.iter().filter_map(|(part, related)| lags(grounds, before, part, related)).collect();
        lags.into_iter().max_by_key(|lags| (lags.by, std::cmp::Reverse(lags.since))).map(|lags| (before, lags))
    });
    let of_each: Vec<(&Seen, Lags)> = of_each.collect::<Option<_>>()?;
    let (before, lags) = of_each.into_iter().min_by_key(|(_, lags)| (lags.by, std::cmp::Reverse(lags.since)))?;
    let (place, from) = (&seen.place, &before.place.environment);
    let count = if lags.more { format!("{} or more", lags.by) } else { lags.by.to_string() };
    let what = format!(
        "{}{} runs {}: {from} is ahead by {count}, the first of which landed {}{} ago",
        place.service,
        in_region(lags.region.as_ref()),
        called(&lags.live),
        if lags.more { "more than " } else { "" },
        grounds.ago(lags.since),
    );
    let suggestion = format!(
        "bring {} on to {}, or see what stands in between: deployment-status compare {from} {} --service {}",
        place.service, place.environment, place.environment, place.service,
    );
    let runs = Evidence::runs(place, lags.region.as_ref(), &lags.live);
    // Where others stand before the first that was read, since when is not known.
    let since = Some(lags.since).filter(|_| !lags.more);
    Some(grounds.finding(Kind::Lagging, place, (since, what, suggestion), [runs].into_iter().chain(lags.landings)))
}

fn lags(grounds: &Grounds<'_>, before: &Seen, part: &Part, related: &Related) -> Option<Lags> {
    let between = related.between.as_ref().filter(|_| related.relation == Relation::Behind)?;
    if between.side != Side::From {
        return None;
    }
    let region = part.region.as_ref();
    let speaking = |entry: &&Entry| region.is_none() || entry.speaks_for(region);
    let newest_first: Vec<Entry> = before.landings.iter().filter(speaking).cloned().collect();
    let counted = between.count(&newest_first, before.is_whole());
    let limits = grounds.question.settings.lagging;
    // What was read is the least: there may be more, and older ones.
    let since = counted.landings.last().map(|entry| entry.at);
    let by = u32::try_from(counted.by).unwrap_or(u32::MAX);
    let since = since.filter(|since| by > limits.deployments || grounds.is_longer_ago(*since, limits.days));
    let Some(since) = since else {
        if counted.more && before.is_tail() {
            grounds.noted::<()>(Err(Lacking::page(&before.place)));
        }
        return None;
    };
    let landings = counted.landings.iter().map(|entry| Evidence::landed(&before.place, entry)).collect();
    Some(Lags { region: region.cloned(), live: part.to.clone(), by: counted.by, more: counted.more, since, landings })
}

/// It never landed in the environment before it, where the service runs too. Of several environments before it, in
/// none of these. What has no kind of name in common with what runs there may be the same by another name.
pub(super) fn unseen(grounds: &Grounds<'_>, seen: &Seen) -> Option<Finding> {
    let known = |part: &Part| Thing::from(&part.from).is_comparable(&Thing::from(&part.to));
    let of_each = compared(grounds, seen)?.into_iter().map(|(before, related)| {
        let unseen = related.into_iter().filter(|(part, related)| related.relation == Relation::Unseen && known(part));
        let unseen: Vec<Part> = unseen.map(|(part, _)| part).collect();
        (before, unseen)
    });
    let of_each: Vec<(&Seen, Vec<Part>)> = of_each.collect();
    let (_, first) = of_each.first()?;
    let in_all = |part: &&Part| of_each.iter().all(|(_, others)| others.iter().any(|of| of.region == part.region));
    let parts: Vec<&Part> = first.iter().filter(in_all).collect();
    let part = parts.iter().min_by_key(|part| part.to.since)?;
    let (place, region) = (&seen.place, part.region.as_ref());
    let before: Vec<&str> = of_each.iter().map(|(before, _)| before.place.environment.as_str()).collect();
    let before = before.join(" or ");
    let there = in_region(region);
    let what = format!("{} runs {}{there}, which never landed in {before}{there}", place.service, called(&part.to));
    let suggestion =
        format!("find out how it came to {}, and bring the same change through {before}", place.environment);
    let runs = parts.iter().map(|part| Evidence::runs(place, part.region.as_ref(), &part.to));
    let beside = of_each.iter().flat_map(|(before, unseen)| {
        unseen.iter().map(|part| Evidence::runs(&before.place, part.region.as_ref(), &part.from))
    });
    Some(grounds.finding(Kind::Unseen, place, (part.to.since, what, suggestion), runs.chain(beside)))
}

/// The service in an environment before, and how each part of a place stands to it.
type Beside<'g> = (&'g Seen, Vec<(Part, Related)>);

/// How each part of a place stands to each environment before it where the service runs; none where there is no such
/// environment, or more must be read.
fn compared<'g>(grounds: &Grounds<'g>, seen: &Seen) -> Option<Vec<Beside<'g>>> {
    let before = grounds.directly_before(&seen.place.environment).into_iter();
    let before = before.filter_map(|name| grounds.in_environment(seen, name));
    let before: Vec<&Seen> = before.filter(|before| running(&before.cell).is_some()).collect();
    let compared: Vec<(&Seen, Option<Vec<_>>)> =
        before.into_iter().map(|before| (before, related(grounds, before, seen))).collect();
    let compared: Vec<_> = compared.into_iter().map(|(before, of)| Some((before, of?))).collect::<Option<_>>()?;
    Some(compared).filter(|compared| !compared.is_empty())
}

fn related(grounds: &Grounds<'_>, before: &Seen, seen: &Seen) -> Option<Vec<(Part, Related)>> {
    let parts =
        parts(&before.cell, &seen.cell).into_iter().filter(|part| part.from.is_running() && part.to.is_running());
    let (mut all, mut known) = (Vec::new(), true);
    for part in parts {
        let region = part.region.as_ref();
        let things = [Thing::from(&part.from), Thing::from(&part.to)];
        if things[0].is_same(&things[1]) {
            continue;
        }
        let firsts = |of: &Seen| things.each_ref().map(|thing| grounds.first(of, thing, region));
        let ([Some(a), Some(b)], [Some(c), Some(d)]) = (firsts(before), firsts(seen)) else {
            known = false;
            continue;
        };
        let of = |of: [Option<LogKey>; 2]| {
            let things = &things;
            move |thing: &Thing| -> Option<LogKey> { of[usize::from(*thing != things[0])].clone() }
        };
        let (in_before, in_seen) = (of([a, b]), of([c, d]));
        if let Some(related) = relate((&part.from, &in_before), (&part.to, &in_seen), true) {
            all.push((part.clone(), related));
        }
    }
    known.then_some(all)
}
