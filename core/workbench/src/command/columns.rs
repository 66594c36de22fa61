//! Text in columns: lists with a heading, and names with values.

/// What stands for an empty cell.
const EMPTY: &str = "<none>";

/// Rows in columns that are two blanks apart; an empty cell reads `<none>`. The last column is not
/// padded.
pub fn list(rows: &[Vec<String>]) -> Vec<String> {
    let or_none = |cell: &String| {
        if cell.is_empty() {
            EMPTY.to_string()
        } else {
            cell.clone()
        }
    };
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(or_none).collect())
        .collect();
    aligned(&rows, "  ")
}

/// The same with empty cells left empty.
pub fn list_with_gaps(rows: &[Vec<String>]) -> Vec<String> {
    aligned(rows, "  ")
}

/// Names with values: `Name   = value`. An empty value reads `<none>`.
pub fn pairs(pairs: &[(&str, String)]) -> Vec<String> {
    let rows: Vec<Vec<String>> = pairs
        .iter()
        .map(|(name, value)| {
            let value = if value.is_empty() { EMPTY } else { value };
            vec![(*name).to_string(), value.to_string()]
        })
        .collect();
    aligned(&rows, " = ")
}

/// A row of texts.
pub fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_string).into()
}

fn aligned(rows: &[Vec<String>], gap: &str) -> Vec<String> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            let width = cell.chars().count();
            match widths.get_mut(column) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    rows.iter()
        .map(|row| aligned_row(row, &widths, gap))
        .collect()
}

fn aligned_row(row: &[String], widths: &[usize], gap: &str) -> String {
    let mut line = String::new();
    for (column, cell) in row.iter().enumerate() {
        line.push_str(cell);
        if column + 1 < row.len() {
            let padding = widths[column] - cell.chars().count();
            line.extend(std::iter::repeat_n(' ', padding));
            line.push_str(gap);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns() {
        let rows = [row(["ID", "Type", "X"]), row(["docs", "", "1"])];
        assert_eq!(list(&rows), ["ID    Type    X", "docs  <none>  1"]);
        let rows = [row(["CPU", "Addresses"]), row(["100 MHz", ""])];
        assert_eq!(list_with_gaps(&rows), ["CPU      Addresses", "100 MHz  "]);
        let got = pairs(&[("ID", "docs".into()), ("Node Pool", String::new())]);
        assert_eq!(got, ["ID        = docs", "Node Pool = <none>"]);
    }
}
