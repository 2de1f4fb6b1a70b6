{# Which pairs are unchanged: agreed, linked, and nothing to be said of them but that they are the same. The memory
   of what is agreed has a hash of each (`p2c_pair_hash`, see unchanged.sql); where that is null, the pair is judged. #}

{# Of a pair that was judged (`compared`) and found to be the same (`desired` is its row of the target model). #}
{% macro pair_hash_columns(target_model, writes) -%}
        case
            when compared.agreement is null and compared.differing_columns = '[]'
                then {{ pair_hash('desired', compared_columns_of(target_model, writes), writes) }}
        end as p2c_pair_hash,
        {{ 'compared.' ~ _needs_link() if 'update' in writes.operations else 'false' }} as p2c_is_linked
{%- endmacro %}

{# After comparing: pairs that were agreed before and whose link changed since, or whose agreement comes from an
   earlier version. #}
{% macro keep_pair_hash(agreed, target_model, writes) -%}
update {{ agreed }} as agreed
set p2c_pair_hash = found.p2c_pair_hash, p2c_is_linked = found.p2c_is_linked
from (
    select
        compared.record_key,
        {{ pair_hash_columns(target_model, writes) }}
    from {{ this }} as compared
    inner join {{ ref(target_model) }} as desired on compared.source_key = desired.p2c_source_key
    where
        not compared.is_unchanged and compared.fate = 'identical' and not compared.is_drift
        and not compared.is_newly_agreed
) as found
where
    agreed.record_key = found.record_key and agreed.agreed_at is not null
    and coalesce(agreed.p2c_unknown, agreed.p2c_kept, agreed.p2c_left_off, agreed.p2c_not_persisted) is null
    and agreed.p2c_pair_hash is distinct from found.p2c_pair_hash
{%- endmacro %}

{# Pairs whose link changes or ends, given by `link_id`. #}
{% macro forget_pair_hash(agreed, changed) -%}
update {{ agreed }} as agreed set p2c_pair_hash = null
from ledger.links as links
inner join {{ changed }} as changed on links.link_id = changed.link_id
where agreed.record_key = links.record_key and agreed.p2c_pair_hash is not null;
{%- endmacro %}

{# Before comparing: where there are fewer links than unchanged pairs that have one, they were lost. #}
{% macro doubt_links(agreed, writes, flow) -%}
{%- if 'update' in writes.operations -%}
update {{ agreed }} set p2c_pair_hash = null
where
    p2c_pair_hash is not null
    and (
        select count(*) from ledger.links
        where flow = '{{ flow }}' and entity_set = '{{ writes.entity_set }}' and ended_at is null
    ) < (select count(*) from {{ agreed }} where p2c_pair_hash is not null and p2c_is_linked);
{%- endif -%}
{%- endmacro %}
