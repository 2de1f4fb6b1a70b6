{# The words that `loaders/declarations.py` takes in the meta of changes models and of target columns: the
   compare macros read the same meta, so a mistyped one must stop dbt before it builds anything.
   [] takes any value, `must` has the keys that have to be there. #}
{% macro declared_words() -%}
    {{ return({
        'meta': {'flow': [], 'target': [], 'writes': []},
        'writes': {
            'system': ['sales', 'finops'],
            'entity_set': [],
            'key': [],
            'operations': ['create', 'update', 'deactivate', 'delete'],
            'logical_name': [],
            'part_of': [],
            'whole': [],
            'advice': [],
            'on_drift': ['overwrite', 'keep', 'hold'],
            'on_conflict': ['overwrite', 'keep', 'hold'],
            'on_first_contact': ['overwrite', 'fill', 'keep', 'hold'],
            'on_delete': ['ignore', 'deactivate', 'delete'],
            'deactivate': [],
            'on_demand': [],
            'undo': ['delete', 'deactivate', 'none'],
            'undo_reason': [],
            'package': [],
        },
        'columns': {
            'compare': ['exact', 'lower', 'never'],
            'null_means': ['empty', 'keep'],
            'lookup': [],
            'navigation': [],
            'read_as': [],
            'sent_with': [],
            'empty': [],
            'filled_with': [],
            'on_drift': ['overwrite', 'keep', 'hold'],
            'on_conflict': ['overwrite', 'keep', 'hold'],
            'on_first_contact': ['overwrite', 'fill', 'keep', 'hold'],
        },
        'must': {'meta': ['flow', 'target', 'writes'], 'writes': ['system', 'entity_set', 'key', 'operations']},
    }) }}
{%- endmacro %}

{# Raises a compiler error that names model, key and the nearest right word. #}
{% macro check_declared() -%}
    {%- set words = declared_words() -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
        {%- if node.name.startswith('changes_') -%}
            {%- set meta = node.config.meta or {} -%}
            {%- do _check_words(node.name, 'meta', meta, words) -%}
            {%- do _check_words(node.name, 'writes', meta.writes, words) -%}
        {%- elif node.name.startswith('target_') -%}
            {%- for column in node.columns.values() -%}
                {%- set meta = column.config.meta if column.config and column.config.meta else column.meta -%}
                {%- do _check_words(node.name ~ '.' ~ column.name, 'columns', meta or {}, words) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro _check_words(where, kind, found, words) -%}
    {%- if found is not mapping -%}
        {{ exceptions.raise_compiler_error(where ~ ': `' ~ kind ~ '` must be a mapping, it is ' ~ found ~ '.') }}
    {%- endif -%}
    {%- for key in words.must.get(kind, []) if not found.get(key) -%}
        {{ exceptions.raise_compiler_error(where ~ ': `' ~ kind ~ '` must say `' ~ key ~ '`.') }}
    {%- endfor -%}
    {%- for key, value in found.items() -%}
        {%- if key not in words[kind] -%}
            {%- do _refuse_word(where, '`' ~ kind ~ '` has the unknown key', key, words[kind].keys() | list) -%}
        {%- endif -%}
        {%- if key in ('key', 'operations') and (value is string or value is not sequence) -%}
            {{ exceptions.raise_compiler_error(where ~ ': `' ~ key ~ '` must be a list, it is ' ~ value ~ '.') }}
        {%- endif -%}
        {%- for word in (value if key == 'operations' else [value]) if words[kind][key] and word not in words[kind][key] -%}
            {%- do _refuse_word(where, '`' ~ key ~ '` has', word, words[kind][key]) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{% macro _refuse_word(where, what, word, allowed) -%}
    {%- set near = nearest_word(word | string, allowed) -%}
    {{ exceptions.raise_compiler_error(
        where ~ ': ' ~ what ~ ' `' ~ word ~ '`'
        ~ (' (did you mean `' ~ near ~ '`?)' if near else '') ~ '; it can be ' ~ allowed | join(', ') ~ '.') }}
{%- endmacro %}

{# The word that has most letters in common with the given one; '' when none has most of them. #}
{% macro nearest_word(word, allowed) -%}
    {%- set best = namespace(word='', share=0.6) -%}
    {%- for candidate in allowed -%}
        {%- set common = namespace(letters=0) -%}
        {%- for letter in word | list | unique -%}
            {%- set common.letters = common.letters + [word.count(letter), candidate.count(letter)] | min -%}
        {%- endfor -%}
        {%- set share = 2 * common.letters / (word | length + candidate | length) -%}
        {%- if share > best.share -%}
            {%- set best.word, best.share = candidate, share -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(best.word) }}
{%- endmacro %}
