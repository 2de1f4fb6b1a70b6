select
[% if target.system == 'sales' %]
    records.record_id as [[ target.key[0] ]],
[% else %]
    entities.data_area_id as "dataAreaId",
[% endif %]
[% for pair in pairs %]
    cast(records.[[ pair.source ]] as [[ pair.type ]]) as [[ pair.target ]],
[% endfor %]

    records.source_key as p2c_source_key,
[% if target.system == 'sales' %]
    records.[[ match.source ]] as p2c_record_key,
    records.record_id as p2c_record_id,
[% else %]
    entities.data_area_id || '/' || records.[[ match.source ]] as p2c_record_key,
    cast(null as varchar) as p2c_record_id,
[% endif %]
    '[]' as p2c_parents,
    records.is_deleted as p2c_deleted,
    case when not records.is_first then 'another record has the same [[ match.field ]]' end as p2c_filtered,
    cast(null as varchar) as p2c_blocked,
    {{ reasons([
        reason('no_number', '[[ match.field ]]', 'records.source_key',
            "'The record has no [[ match.field ]]: give it one.'", 'records.[[ match.source ]] is null'),
    ]) }} as p2c_reasons,
    '[]' as p2c_cuts
from {{ ref('[[ flow ]]') }} as records
[% if target.system == 'finops' %]
cross join (select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default) as entities
[% endif %]
