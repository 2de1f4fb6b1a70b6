{{ config(tags=["gate"], severity=env_var("P2C_GATES", "error")) }}

-- Every record of both systems stands somewhere, once: of the source as counted in staging, of the target
-- as held, apart from what is there the source of another flow.
with sources as (
    select flow, target, sum(records) as n
    from {{ ref('reconciliation') }}
    where reason <> 'unmatched'
    group by flow, target
),

targets as (
    select target, sum(target_records) as n
    from {{ ref('reconciliation') }}
    group by target
),

carried_elsewhere as (
    select found.target, count(*) as n
    from {{ ref('only_in_target') }} as found
    where found.record_key in (select fates.source_key from {{ ref('record_fates') }} as fates)
    group by found.target
),

held as (
    {% for set_name, written in (written_sets() if execute else {}).items() %}
        select '{{ set_name }}' as target, count(*) as n from {{ written.held }} where deleted_at is null
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    counts.flow,
    counts.target,
    'source' as side,
    counts.source_rows as there,
    coalesce(sources.n, 0) as counted
from {{ ref('flow_counts') }} as counts
left join sources on counts.flow = sources.flow and counts.target = sources.target
where counts.source_rows <> coalesce(sources.n, 0)
union all
select
    null as flow,
    held.target,
    'target' as side,
    held.n as there,
    coalesce(targets.n, 0) + coalesce(carried_elsewhere.n, 0) as counted
from held
left join targets on held.target = targets.target
left join carried_elsewhere on held.target = carried_elsewhere.target
where held.n <> coalesce(targets.n, 0) + coalesce(carried_elsewhere.n, 0)
