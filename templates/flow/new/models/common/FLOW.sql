select
    {{ text_var('organization_id') }} as organization_id,
    keys.source_key,
    keys.is_first,
[% if target.system == 'sales' %]
    keys.record_id,
[% endif %]
    '[[ source.system ]]' as system_of_record,
[% for pair in pairs %]
    records.[[ pair.source ]],
[% endfor %]
    records.deleted_at is not null as is_deleted
from {{ ref('[[ source.model ]]') }} as records
inner join {{ ref('keys_[[ flow ]]') }} as keys
    on [[ source.key_text_of_records ]] = keys.source_key
