// Job files for the cases: a base, and what they differ in.

/**
 * A job of one or more groups. Each group: name, count, and lines of its own, its task and its
 * resources.
 */
export function job({ id = "docs", head = "", groups = [{}] } = {}) {
  const text = groups.map((group) => {
    const { name = "api", count = 5, lines = "", image = "api-server:1.3", task = "" } = group;
    return `  group "${name}" {
    ${count === null ? "" : `count = ${count}`}
    ${lines}
    task "api-server" {
      driver = "docker"
      config {
        image = "${image}"
      }
      ${task}
    }
  }`;
  });
  return `job "${id}" {\n  ${head}\n${text.join("\n")}\n}\n`;
}
