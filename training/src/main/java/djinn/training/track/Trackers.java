package djinn.training.track;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.TrainingListener;
import djinn.zoo.nn.NamedBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Hands what happens in a training on to all that it is written to, as figures, notes, pictures and histograms. It is the
 * last of the listeners, so that the others' files are there when it looks for them.
 *
 * <p>The names of figures: {@code batch/loss} (a mean over the batches since the last, {@code batch/critic_loss} of a
 * turn called critic) with {@code lr}; {@code epoch}, counted from 1, {@code train/...}, {@code val/...} and {@code
 * speed/...} after an epoch; {@code best/...} at the end.
 */
public final class Trackers implements TrainingListener, AutoCloseable {

    private static final String WARNING = "warning: ";

    private final List<Tracking> wanted;
    private final TrackedRun run;
    private final Consumer<TrainingEvent> teller;
    private final NewPictures pictures;
    private final List<Tracker> open = new ArrayList<>();
    private final List<String> earlyNotes = new ArrayList<>();
    private final BatchLosses losses = new BatchLosses();
    private boolean begun;
    private boolean ended;
    private long step;

    /**
     * Trackers of a training, none of which has begun.
     *
     * @param wanted what the training is written to
     * @param run what is written beside the events
     * @param teller is told of notes and warnings that trackers have
     */
    public Trackers(List<Tracking> wanted, TrackedRun run, Consumer<TrainingEvent> teller) {
        this.wanted = List.copyOf(wanted);
        this.run = run;
        this.teller = teller;
        pictures = new NewPictures(run.folder());
    }

    @Override
    public void on(TrainingEvent event) {
        if (wanted.isEmpty()) {
            return;
        }
        if (event instanceof TrainingEvent.Started started) {
            begin(started);
        } else if (event instanceof TrainingEvent.LossesRead read) {
            step = read.step();
            scalars(losses.add(read));
        } else if (event instanceof TrainingEvent.EpochWeights weights) {
            weights(weights);
        } else if (event instanceof TrainingEvent.EpochEnded epoch) {
            step = epoch.step();
            scalars(figures(epoch));
            tellOfPictures();
        } else if (event instanceof TrainingEvent.Ended over) {
            end(over);
        } else if (event instanceof TrainingEvent.Noted noted) {
            note(noted.message());
        } else if (event instanceof TrainingEvent.Warned warned) {
            note(WARNING + warned.message());
        }
        tellNews();
    }

    private void begin(TrainingEvent.Started started) {
        step = started.step();
        losses.begin(step);
        for (Tracking tracking : wanted) {
            tracking.open(run).ifPresent(open::add);
        }
        open.forEach(tracker -> tracker.begin(step));
        begun = true;
        earlyNotes.forEach(this::note);
        if (step > 0) {
            // these were told before
            pictures.look();
        }
    }

    private void note(String line) {
        if (begun) {
            open.forEach(tracker -> tracker.note(step, line));
        } else {
            earlyNotes.add(line);
        }
    }

    private void scalars(Map<String, Double> values) {
        if (!values.isEmpty()) {
            open.forEach(tracker -> tracker.scalars(step, values));
        }
    }

    private static Map<String, Double> figures(TrainingEvent.EpochEnded epoch) {
        Map<String, Double> all = new LinkedHashMap<>();
        all.put("epoch", epoch.epoch() + 1.0);
        put(all, "train/", epoch.train());
        put(all, "val/", epoch.validation());
        all.put("speed/" + epoch.speed().examples() + "_per_s", epoch.speed().perSecond());
        all.put("speed/epoch_seconds", epoch.seconds());
        return all;
    }

    private static void put(Map<String, Double> all, String prefix, Map<String, Double> figures) {
        figures.forEach((name, value) -> {
            if (value != null) {
                all.put(prefix + name, value);
            }
        });
    }

    private void weights(TrainingEvent.EpochWeights weights) {
        List<Tracker> interested =
                open.stream().filter(Tracker::wantsHistograms).toList();
        if (!interested.isEmpty()) {
            histograms(weights.model())
                    .forEach((name, values) -> interested.forEach(
                            tracker -> tracker.histogram(weights.step(), "weights/" + name, values)));
        }
    }

    private static Map<String, Histogram> histograms(NamedBlock model) {
        Map<String, Histogram> all = new LinkedHashMap<>();
        model.getParameters().forEach(entry -> {
            NDArray array = entry.getValue().getArray();
            if (array.getDataType() == DataType.FLOAT32) {
                all.put(entry.getKey(), Histogram.of(array.toFloatArray()));
            }
        });
        return all;
    }

    private void tellOfPictures() {
        pictures.look().forEach((name, file) -> open.forEach(tracker -> tracker.picture(step, name, file)));
    }

    private void end(TrainingEvent.Ended over) {
        step = over.step();
        if (over.validation() != null) {
            Map<String, Double> best = new LinkedHashMap<>();
            put(best, "best/", over.validation().values());
            scalars(best);
        }
        tellOfPictures();
        end(over.ending() == Ending.INTERRUPTED ? Tracker.Status.INTERRUPTED : Tracker.Status.FINISHED);
    }

    private void end(Tracker.Status status) {
        ended = true;
        open.forEach(tracker -> tracker.end(step, status));
    }

    /**
     * Takes note that an error ended the training.
     *
     * @param message what is wrong
     */
    public void failed(String message) {
        if (begun && !ended) {
            note("failed: " + message);
            end(Tracker.Status.FAILED);
        }
    }

    private void tellNews() {
        // a copy: what is told comes back as an event
        for (Tracker tracker : List.copyOf(open)) {
            tracker.news().forEach(this::tell);
        }
    }

    private void tell(String line) {
        teller.accept(
                line.startsWith(WARNING)
                        ? new TrainingEvent.Warned(line.substring(WARNING.length()))
                        : new TrainingEvent.Noted(line));
    }

    /** Writes what is left, in some seconds at most, and tells what could not be written. */
    @Override
    public void close() {
        List<Tracker> closing = List.copyOf(open);
        // what they tell now is for the others' ears
        open.clear();
        closing.forEach(Tracker::close);
        closing.forEach(tracker -> tracker.news().forEach(this::tell));
    }
}
