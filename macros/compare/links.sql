{# The crosswalk that outlives the keys: every pair that agreed is a link (`ledger.links`, which the loaders
   keep in the ledger too). What a flow wrote is one as well: `keys_links` has both. #}

{# After comparing: pairs that hold the same are linked; those whose record was deleted are so no more. A
   flow that only creates says nothing here: that a number is taken is no sign that it is its record. Unchanged
   pairs have their link, or they would not be unchanged (pair_hash.sql). #}
{% macro remember_links(agreed) -%}
{%- set changes_model = node_named(model.name | replace('compare_', 'changes_', 1)) -%}
{%- set writes = changes_model.config.meta.writes -%}
{%- set flow = changes_model.config.meta.flow -%}
{%- if 'update' in writes.operations %}
create or replace temp table p2c_links as
select
    pairs.link_id,
    '{{ flow }}' as flow,
    '{{ writes.system }}' as system,
    '{{ writes.entity_set }}' as entity_set,
    pairs.source_key,
    pairs.record_key,
    pairs.record_id,
    pairs.key_values,
    coalesce(known.first_seen, now()) as first_seen,
    case when pairs.is_newly_agreed then pairs.agreement end as agreement,
    now() as changed_at
from (
    select '{{ flow }} {{ writes.system }}.{{ writes.entity_set }} ' || source_key as link_id, *
    from {{ this }}
    where not is_unchanged and fate = 'identical' and {{ _needs_link() }}
) as pairs
left join ledger.links as known on pairs.link_id = known.link_id
where
    known.link_id is null or known.ended_at is not null
    or known.record_key is distinct from pairs.record_key
    or known.key_values is distinct from pairs.key_values
    -- What no write says must outlive the warehouse.
    or (pairs.is_newly_agreed and pairs.agreement is not null and pairs.agreement is distinct from known.agreement);
{{ forget_pair_hash(agreed, 'p2c_links') }}
delete from ledger.links as former using p2c_links as latest
where
    former.link_id = latest.link_id and former.record_key = latest.record_key and former.ended_at is null;
-- What was the pair before stays, as history.
update ledger.links as former
set
    link_id = former.link_id || ' until ' || strftime(latest.changed_at, '%Y-%m-%dT%H:%M:%S.%f'),
    ended_at = coalesce(former.ended_at, latest.changed_at),
    changed_at = latest.changed_at
from p2c_links as latest
where former.link_id = latest.link_id;
insert into ledger.links by name select * from p2c_links;
drop table p2c_links;
{{ end_links(agreed, flow, writes) }}
{%- endif -%}
{%- endmacro %}

{# A record that is its own source needs no crosswalk. #}
{% macro _needs_link() -%}source_key <> coalesce(record_id, record_key){%- endmacro %}

{# A deletion that was seen; a record that was not read at all may be there all the same. #}
{% macro end_links(agreed, flow, writes) -%}
create or replace temp table p2c_links as
select links.link_id
from ledger.links as links
inner join ledger.writes as writes
    on
        links.source_key = writes.source_key and links.record_key = writes.record_key
        and links.flow = writes.flow and links.entity_set = writes.entity_set
where
    links.flow = '{{ flow }}' and links.entity_set = '{{ writes.entity_set }}' and links.ended_at is null
    and writes.status in ('acknowledged', 'verified') and writes.finished_at > links.changed_at
    and writes.agreement is not null and {{ is_undone('writes.agreement') }}
    {%- for unique_id in model.depends_on.nodes if graph.nodes[unique_id] and graph.nodes[unique_id].name.startswith('stg_') %}
union
select links.link_id
from ledger.links as links
inner join (
    select {{ _held_key_values(writes) }} as key_values
    from {{ ref(graph.nodes[unique_id].name) }}
    where deleted_at is not null
) as gone
    on links.key_values = gone.key_values
where
    links.flow = '{{ flow }}' and links.system = '{{ writes.system }}'
    and links.entity_set = '{{ writes.entity_set }}' and links.ended_at is null
    {%- endfor %};
{{ forget_pair_hash(agreed, 'p2c_links') }}
update ledger.links as links set ended_at = now(), changed_at = now()
from p2c_links as ended where links.link_id = ended.link_id;
drop table p2c_links;
{%- endmacro %}

{% macro _held_key_values(writes) -%}
    {%- set members = {} -%}
    {%- for key in writes.key %}{% do members.update({key: snake(key)}) %}{% endfor -%}
    {{ json_object(members) }}
{%- endmacro %}
