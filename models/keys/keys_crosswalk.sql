{{ config(materialized="table", post_hook=["{{ remember_matches() }}", "{{ end_denied_links() }}"]) }}

with pairs as (
    {{ crosswalk_pairs() }}
),

events as (
    {{ crosswalk_events() }}
),

evidence as (
    {{ crosswalk_evidence() }}
)

select
    pairs.entity,
    pairs.sales_id,
    pairs.data_area_id,
    pairs.finops_table,
    pairs.finops_key,
    case
        when events.is_created and pairs.matched_by <> 'override' then 'created'
        when pairs.matched_by like '% number' then 'natural_key'
        else pairs.matched_by
    end as matched_by,
    evidence.score,
    evidence.evidence,
    events.first_seen,
    events.last_seen
from pairs
left join events
    on
        pairs.entity = events.entity
        and pairs.finops_table = events.finops_table
        and pairs.source_key = events.source_key
        and lower(pairs.record_key) = events.record_key
left join evidence
    on
        pairs.entity = evidence.entity
        and pairs.finops_table = evidence.finops_table
        and coalesce(pairs.data_area_id, '') = evidence.data_area_id
        and pairs.sales_id = evidence.sales_id
        and lower(pairs.finops_key) = lower(evidence.finops_key)
