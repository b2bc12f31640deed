//! Columns that line up.

/// Rows as lines, each column as wide as its widest cell, two blanks between. Cells must hold no escape codes, except in
/// the last column.
pub(crate) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                line.push_str(cell);
                if column + 1 < row.len() {
                    let fill = widths[column].saturating_sub(cell.chars().count()) + 2;
                    line.extend(std::iter::repeat_n(' ', fill));
                }
            }
            line.trim_end().to_owned()
        })
        .collect()
}
