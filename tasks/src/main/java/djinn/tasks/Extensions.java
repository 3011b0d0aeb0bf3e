package djinn.tasks;

import djinn.losses.Losses;
import djinn.tasks.classification.ImageSources;
import djinn.zoo.Models;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Function;

/** The extensions on the class path, looked for once. */
public final class Extensions {

    private static List<Extension> all;

    private Extensions() {}

    /**
     * Returns all extensions; their models and sources have joined.
     *
     * @throws IllegalArgumentException if a name is used twice
     */
    public static synchronized List<Extension> all() {
        if (all == null) {
            all = join();
        }
        return all;
    }

    private static List<Extension> join() {
        List<Extension> found = ServiceLoader.load(Extension.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
        found.forEach(extension -> {
            Models.join(extension.models());
            ImageSources.join(extension.sources());
        });
        return found;
    }

    /** Returns all losses: Djinn's, and behind them those that joined, of the kind {@code extension}, with their class as source. */
    public static List<Losses.Entry> losses() {
        List<Losses.Entry> losses = new ArrayList<>(Losses.all());
        for (Extension extension : all()) {
            extension
                    .losses()
                    .forEach((name, type) -> losses.add(new Losses.Entry(name, "extension", "", type.getName(), type)));
        }
        return List.copyOf(losses);
    }

    /** Returns Djinn's own entries of a kind, and behind them those of the extensions. */
    public static <T> Map<String, T> with(String kind, Map<String, T> own, Function<Extension, Map<String, T>> more) {
        Map<String, T> table = new LinkedHashMap<>(own);
        for (Extension extension : all()) {
            more.apply(extension).forEach((name, type) -> {
                if (table.putIfAbsent(name, type) != null) {
                    throw new IllegalArgumentException("expected another name for the " + kind + " '" + name + "' of "
                            + extension.getClass().getName() + ": there is one already");
                }
            });
        }
        return table;
    }
}
