package djinn.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What replaces values of a document. Where a document is good by itself, and is not with overrides, the one that is at
 * fault is told, not the lines of the document.
 *
 * @param settings each {@code KEY.PATH=VALUE}, applied in order
 */
public record Overrides(List<String> settings) {

    /** Copies the list. */
    public Overrides {
        settings = List.copyOf(settings);
    }

    /**
     * Binds a document with these overrides.
     *
     * @param document the document
     * @param binding makes something of it; may be tried several times
     * @param <T> what is made
     * @return what is made of the document with all overrides
     * @throws RecipeException as the binding does, or {@link Yaml.Document#with}; said of the overrides at fault, if it
     *     is theirs
     */
    public <T> T bind(Yaml.Document document, Function<Yaml.Document, T> binding) {
        try {
            return binding.apply(with(document, settings));
        } catch (RecipeException e) {
            if (!e.isOfFile()) {
                throw e;
            }
            List<String> guilty = guilty(e, document, binding);
            throw guilty.isEmpty() ? e : e.of(guilty);
        }
    }

    private static Yaml.Document with(Yaml.Document document, List<String> some) {
        Yaml.Document changed = document;
        for (String setting : some) {
            changed = changed.with(setting);
        }
        return changed;
    }

    /** Those without which, one at a time, all is well; else those that spoil a good document alone; or all of them. */
    private List<String> guilty(RecipeException told, Yaml.Document document, Function<Yaml.Document, ?> binding) {
        List<String> needed = new ArrayList<>();
        for (int i = 0; i < settings.size(); i++) {
            List<String> others = new ArrayList<>(settings);
            others.remove(i);
            if (problem(document, others, binding).isEmpty()) {
                needed.add(settings.get(i));
            }
        }
        if (!needed.isEmpty() || problem(document, List.of(), binding).isPresent()) {
            return needed;
        }
        for (String setting : settings) {
            if (problem(document, List.of(setting), binding)
                    .filter(told::isAlike)
                    .isPresent()) {
                return List.of(setting);
            }
        }
        return settings;
    }

    private static Optional<RecipeException> problem(
            Yaml.Document document, List<String> some, Function<Yaml.Document, ?> binding) {
        try {
            var unused = binding.apply(with(document, some));
            return Optional.empty();
        } catch (RecipeException e) {
            return Optional.of(e);
        }
    }
}
