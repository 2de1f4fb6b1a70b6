-- Which record of [[ target.label ]] each one of [[ source.label ]] is: by [[ match.source ]], whatever its case. Of
-- several with the same one, the first has it.
with records as (
    select
        *,
        [[ source.key_text ]] as source_key,
        row_number() over (
            partition by lower([[ match.source ]])
            order by deleted_at is not null, [[ source.key | join(', ') ]]
        ) = 1 as is_first
    from {{ ref('[[ source.model ]]') }}
),

held as (
    select
        lower([[ match.held ]]) as matched,
        min([[ target.key[-1] ]]) as record_id
    from {{ ref('[[ target.model ]]') }}
    where deleted_at is null
    group by lower([[ match.held ]])
)

select
    records.source_key,
    records.is_first,
[% if target.system == 'sales' %]
    coalesce(held.record_id, {{ uuid5('[[ target.entity_set ]]', 'records.source_key') }}) as record_id,
[% endif %]
    held.matched is not null as is_matched
from records
left join held on lower(records.[[ match.source ]]) = held.matched
