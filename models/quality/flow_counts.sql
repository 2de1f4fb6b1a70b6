-- The loops around the counts have no indent of their own.
-- noqa: disable=LT02
-- Counted from staging, not from the models that decide the fates: what gets lost on the way
-- between the two makes the equation fail.
with sources as (
    {% for name in write_targets() %}
        select
            '{{ flow_label('changes_' ~ name) }}' as flow,
            '{{ target_label('changes_' ~ name) }}' as target,
            n
        from ({{ source_rows(name) }}) as counted
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

fates as (
    select
        flow,
        target,
        {% for fate in ['filtered', 'identical', 'create', 'update', 'deactivate', 'rejected', 'blocked', 'conflict'] %}
            sum(case when fate = '{{ fate }}' then 1 else 0 end) as "{{ fate }}",
        {% endfor %}
        sum(case when is_drift then 1 else 0 end) as drift,
        sum(case when is_first_contact then 1 else 0 end) as first_contact
    from {{ ref('record_fates') }}
    group by flow, target
)

select
    sources.flow,
    sources.target,
    cast(sources.n as bigint) as source_rows,
    {% for fate in ['filtered', 'identical', 'create', 'update', 'deactivate', 'rejected', 'blocked', 'conflict', 'drift', 'first_contact'] %}
        cast(coalesce(fates."{{ fate }}", 0) as bigint) as "{{ fate }}"{{ ',' if not loop.last }}
    {% endfor %}
from sources
left join fates on sources.flow = fates.flow and sources.target = fates.target
