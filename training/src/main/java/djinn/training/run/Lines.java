package djinn.training.run;

import djinn.config.DurationText;
import djinn.training.TrainingEvent;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** Events as one line of text each, for terminals and logs. */
public final class Lines {

    private Lines() {}

    /**
     * {@code training 100 epochs of 23 batches, 6 of validation, 20m at most; 66,154 parameters}, or {@code resuming in
     * epoch 3 of 100 at step 46; 66,154 parameters}.
     */
    public static String started(TrainingEvent.Started event) {
        String what = event.step() == 0
                ? format(
                        "training %s of %s, %d of validation",
                        counted(event.epochs(), "epoch", "epochs"),
                        counted(event.batches(), "batch", "batches"),
                        event.heldOut())
                : format(
                        "resuming in epoch %d of %d at step %d",
                        Math.min(event.epoch() + 1, event.epochs()), event.epochs(), event.step());
        String most = event.maxTime()
                .map(limit -> ", " + DurationText.of(limit) + " at most")
                .orElse("");
        return format("%s%s; %,d parameters", what, most, event.parameters());
    }

    private static String counted(int count, String one, String several) {
        return format("%,d %s", count, count == 1 ? one : several);
    }

    /** {@code epoch 3/100 loss 0.1234 accuracy 97.10% | val loss 0.1 accuracy 98.9% | lr 0.1 | 5000 images/s *}. */
    public static String epoch(TrainingEvent.EpochEnded event) {
        return format(
                "epoch %d/%d  %s | %s | lr %.3g | %.0f %s/s, %.1f s%s",
                event.epoch() + 1,
                event.epochs(),
                figures(event.train()),
                event.validation().isEmpty() ? "not validated" : "val " + figures(event.validation()),
                event.lr(),
                event.speed().perSecond(),
                event.speed().examples(),
                event.seconds(),
                event.best() ? "  *best" : "");
    }

    /** {@code done at step 2300: best epoch 91, validation loss 0.02 accuracy 99.2%}. */
    public static String ended(TrainingEvent.Ended event) {
        return switch (event.ending()) {
            case INTERRUPTED ->
                event.step() == 0
                        ? "interrupted before the first step, nothing to save"
                        : "interrupted at step " + event.step() + ", all saved";
            case COMPLETED -> "done at step " + event.step() + best(event);
            case STOPPED_EARLY -> "stopped early at step " + event.step() + best(event);
            case TIME_OVER -> "out of time at step " + event.step() + best(event);
        };
    }

    /** {@code loss 0.1234 accuracy 97.10%}; accuracies as percentages. */
    public static String figures(Map<String, Double> figures) {
        StringJoiner text = new StringJoiner(" ");
        figures.forEach((name, value) -> {
            // one that is not measured here, such as a detector's precision in training, is NaN
            if (!Double.isNaN(value)) {
                text.add(name.replace('_', ' ')
                        + (isShare(name) ? format(" %.2f%%", 100 * value) : format(" %.4f", value)));
            }
        });
        return text.toString();
    }

    /** {@code 0.1234}, or {@code 97.10%} of an accuracy. */
    public static String figure(String name, double value) {
        return isShare(name) ? format("%.2f%%", 100 * value) : format("%.4f", value);
    }

    /** Returns whether a figure is a share, told in per cent. */
    static boolean isShare(String figure) {
        return figure.endsWith("accuracy");
    }

    private static String best(TrainingEvent.Ended event) {
        return ": best epoch " + (event.bestEpoch() + 1) + ", validation "
                + figures(event.validation().values());
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
