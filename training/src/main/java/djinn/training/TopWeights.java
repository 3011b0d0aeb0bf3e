package djinn.training;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.training.recipe.Keep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The folder {@code top} of a run: the best few weights by a figure, as {@code best.safetensors} has the best. */
final class TopWeights {

    private final int most;
    private final String figure;
    private final Goal order;
    private final Path folder;

    /**
     * As a recipe has it.
     *
     * @param keep what is kept
     * @param goal the task's
     * @param figures of the task
     * @param run the run's folder
     * @throws IllegalArgumentException if there is no such figure, or nobody says which way it is better
     */
    TopWeights(Keep keep, Goal goal, List<String> figures, Path run) {
        most = keep.top();
        figure = keep.figure()
                .or(goal::figure)
                .orElseThrow(() -> new IllegalArgumentException(
                        "train.keep.figure: expected one of " + figures + ", for the task's goal is no figure"));
        if (!figures.contains(figure)) {
            throw new IllegalArgumentException(
                    "train.keep.figure: there is no figure '" + figure + "', expected one of " + figures);
        }
        Optional<Boolean> rises = keep.mode()
                .map(mode -> mode == Keep.Mode.MAX)
                .or(() -> goal.figure().filter(figure::equals).map(same -> goal.rises()));
        boolean up = rises.orElseThrow(() -> new IllegalArgumentException(
                "train.keep.mode: expected min or max beside " + figure + ", which is not the figure of the task's goal"
                        + goal.figure().map(own -> ", " + own).orElse("")));
        order = up ? Goal.rising(figure) : Goal.falling(figure);
        folder = run.resolve("top");
    }

    /** Returns those of some files that are kept by this figure. */
    List<KeptFile> own(List<KeptFile> files) {
        return files.stream().filter(file -> file.figure().equals(figure)).toList();
    }

    /**
     * Writes a product if it is among the best, and then deletes what fell out. Of equal values the earlier stays.
     *
     * @param before the best so far, best first
     * @param product what was validated
     * @param metadata what its file says beside the product's own
     * @param validated what the validation gave
     * @return the best by now, best first
     */
    List<KeptFile> keep(List<KeptFile> before, Product product, Map<String, String> metadata, Validated validated) {
        Double value = validated.figures().get(figure);
        if (value == null || value.isNaN()) {
            return before;
        }
        KeptFile own = new KeptFile(name(validated, value), figure, value);
        List<KeptFile> ranked = new ArrayList<>(before);
        // one that was killed before its checkpoint was saved, or concluded twice, is the same again
        ranked.removeIf(file -> file.name().equals(own.name()));
        int place = 0;
        while (place < ranked.size() && !order.isBetter(value, ranked.get(place).value())) {
            place++;
        }
        ranked.add(place, own);
        List<KeptFile> kept = List.copyOf(ranked.subList(0, Math.min(most, ranked.size())));
        if (kept.contains(own)) {
            Map<String, String> all = new LinkedHashMap<>(metadata);
            all.put("djinn." + figure, value.toString());
            createFolder();
            BestWeights.write(folder.resolve(own.name()), product, all);
        }
        ranked.subList(kept.size(), ranked.size()).forEach(file -> delete(folder.resolve(file.name())));
        return kept;
    }

    /** {@code epoch-0007_f1-0.9312.safetensors}; of an epoch that was not trained to its end the step too. */
    private String name(Validated validated, double value) {
        return String.format(
                Locale.ROOT,
                "epoch-%04d%s_%s-%.4f.safetensors",
                validated.epoch() + 1,
                validated.isWhole() ? "" : "-step-" + validated.step(),
                figure.replaceAll("[^A-Za-z0-9_]", "-"),
                value);
    }

    private void createFolder() {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new DataException("cannot create " + folder + ": " + AtomicFile.reason(e), e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new DataException("cannot delete " + file + ": " + AtomicFile.reason(e), e);
        }
    }
}
