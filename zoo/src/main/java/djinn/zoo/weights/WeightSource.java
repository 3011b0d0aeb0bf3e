package djinn.zoo.weights;

import djinn.ops.DataException;
import djinn.ops.download.DownloadListener;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What stands where weights are wanted: a file, or {@code djinn:NAME} for weights of the {@link Catalogue}. */
public final class WeightSource {

    /** Begins a name of the catalogue. */
    public static final String PREFIX = "djinn:";

    private WeightSource() {}

    /**
     * Returns the entry that a reference means.
     *
     * @param given a path, or {@code djinn:model/name}, or {@code djinn:model} for the model's default
     * @return empty for a path
     * @throws IllegalArgumentException if the catalogue has none of that name; the message has the nearest
     */
    public static Optional<CatalogueEntry> entry(String given) {
        return given.startsWith(PREFIX)
                ? Optional.of(Catalogue.find(given.substring(PREFIX.length())))
                : Optional.empty();
    }

    /**
     * Returns the file, downloaded into the user's cache if it is of the catalogue and not there yet.
     *
     * @param given as for {@link #entry}
     * @param listener hears of a download
     * @return a path as it was given; of the catalogue, the file in the cache
     * @throws IllegalArgumentException if the catalogue has none of that name
     * @throws DataException if the file cannot be downloaded
     */
    public static Path resolve(String given, DownloadListener listener) {
        return entry(given)
                .map(entry -> Download.intoUsersCache().fetch(entry, listener))
                .orElseGet(() -> Path.of(given));
    }

    /**
     * Returns the best weights of a run.
     *
     * @param run its folder
     * @throws DataException if they are missing, with what to do: there are none before the first epoch is over
     */
    public static Path ofRun(Path run) {
        Path best = run.resolve("best.safetensors");
        if (!Files.exists(best)) {
            boolean begun = Files.exists(run.resolve("results.csv"));
            throw new DataException(best
                    + (begun
                            ? ": expected the best weights, found none; 'djinn train --resume " + run
                                    + "' writes them again"
                            : ": there is none yet, for no epoch of this run is over; go on with 'djinn train"
                                    + " --resume " + run + "'"));
        }
        return best;
    }
}
