package djinn.training.track;

import djinn.config.Yaml;
import djinn.config.Yaml.Mapping;
import djinn.config.Yaml.Node;
import djinn.config.Yaml.Scalar;
import djinn.config.Yaml.Sequence;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is written of a training beside its events.
 *
 * @param folder the run's, whose name is the run's
 * @param recipe as YAML, every default spelled out
 * @param goal the figure that tells the best weights; empty if none does
 * @param environment variables and their values
 */
public record TrackedRun(Path folder, String recipe, Optional<String> goal, Map<String, String> environment) {

    /** Copies the environment. */
    public TrackedRun {
        environment = Map.copyOf(environment);
    }

    /** Returns the run's name. */
    public String name() {
        return folder.toAbsolutePath().normalize().getFileName().toString();
    }

    /**
     * Returns the recipe's keys that have a value.
     *
     * @return the values as YAML by the keys' paths, such as {@code train.log_to.0.name}; lists of plain values are one
     */
    public Map<String, String> parameters() {
        Map<String, String> flat = new LinkedHashMap<>();
        flatten("", Yaml.parse("recipe", recipe).root(), flat);
        return flat;
    }

    private static void flatten(String path, Node node, Map<String, String> flat) {
        if (node instanceof Mapping mapping) {
            mapping.entries().forEach((key, entry) -> flatten(Yaml.join(path, key), entry.value(), flat));
        } else if (node instanceof Sequence sequence) {
            List<Node> items = sequence.items();
            if (items.stream().allMatch(Scalar.class::isInstance)) {
                flat.put(
                        path,
                        items.stream().map(item -> ((Scalar) item).text()).collect(Collectors.joining(", ", "[", "]")));
                return;
            }
            for (int i = 0; i < items.size(); i++) {
                flatten(Yaml.join(path, Integer.toString(i)), items.get(i), flat);
            }
        } else if (node instanceof Scalar scalar && !scalar.isNull()) {
            flat.put(path, scalar.text());
        }
    }
}
