select
    grade,
    grade_zh,
    stage,
    is_entry_grade,
    is_exit_grade
from {{ ref('grade') }}
