package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import djinn.config.RecipeException;
import djinn.data.ImageBatch;
import djinn.tasks.classification.ClassificationFigures;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.classification.ClassificationTask;
import djinn.training.Outcome;
import djinn.training.Task;
import djinn.training.Trainer;
import djinn.training.TrainingEvent;
import djinn.training.TrainingEvent.Ending;
import djinn.training.Turn;
import djinn.training.run.Lines;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs over a part of their data. All of it is 8 batches of 4 to train on and 3 held out. */
class BatchLimitsTest {

    @TempDir
    private Path folder;

    private TinyRun tiny;
    private final List<TrainingEvent> events = new ArrayList<>();

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
    }

    private Ending fit(String... overrides) {
        events.clear();
        return TrainingRun.start(tiny.recipe(overrides), tiny.runs(), "few", List.of(events::add))
                .fit();
    }

    private long batches() {
        return events.stream()
                .filter(TrainingEvent.BatchEnded.class::isInstance)
                .count();
    }

    private String opening() {
        return events.stream()
                .filter(TrainingEvent.Started.class::isInstance)
                .map(event -> Lines.started((TrainingEvent.Started) event))
                .findFirst()
                .orElseThrow();
    }

    private TrainingEvent.Ended ended() {
        return events.stream()
                .filter(TrainingEvent.Ended.class::isInstance)
                .map(TrainingEvent.Ended.class::cast)
                .findFirst()
                .orElseThrow();
    }

    /** A share is rounded down; three batches are one step. */
    @ParameterizedTest
    @CsvSource({"3, 1, 3, 1, 4", "0.5, 0.7, 4, 2, 8", "99, 99, 8, 3, 9", "1, 0.999, 1, 1, 8"})
    void aPartOfTheDataIsTakenInEveryEpoch(String train, String val, int batches, int steps, int images) {
        fit("train.limit_train_batches=" + train, "train.limit_val_batches=" + val, "train.epochs=2");
        assertThat(batches()).isEqualTo(2L * batches);
        assertThat(ended().step()).isEqualTo(2L * steps);
        assertThat(((ClassificationFigures) ended().validation()).images()).isEqualTo(images);
        assertThat(opening())
                .startsWith("training 2 epochs of " + batches + (batches == 1 ? " batch, " : " batches, ")
                        + (images + 3) / 4 + " of validation; ");
    }

    @Test
    void theOpeningLineSaysWhatWillRun() {
        fit("train.epochs=1", "train.overfit_batches=2", "train.max_time=2h");
        assertThat(opening()).startsWith("training 1 epoch of 2 batches, 2 of validation, 2h at most; ");
    }

    /** A classifier that tells which batches its networks saw, by the sum of their pixels. */
    private static Task<ImageBatch> telling(ClassificationRecipe recipe, List<Float> trained, List<Float> validated) {
        Task<ImageBatch> task = ClassificationTask.of(recipe);
        return new DelegatingTask(task) {
            @Override
            public List<Turn<ImageBatch>> turns() {
                Turn<ImageBatch> turn = task.turns().get(0);
                return List.of(Turn.sole((model, batch, owner, pass) -> {
                    trained.add(batch.images(owner).sum().getFloat());
                    return turn.forward().run(model, batch, owner, pass);
                }));
            }

            @Override
            public Outcome evaluate(NamedBlock model, ImageBatch batch, NDManager owner, Pass pass) {
                validated.add(batch.images(owner).sum().getFloat());
                return task.evaluate(model, batch, owner, pass);
            }
        };
    }

    @Test
    void overfittingTrainsAndValidatesOnTheSameBatchesInEveryEpoch() {
        List<Float> trained = new ArrayList<>();
        List<Float> validated = new ArrayList<>();
        ClassificationRecipe recipe = tiny.recipe("train.overfit_batches=2");
        new Trainer(telling(recipe, trained, validated), recipe, folder.resolve("overfit"), List.of()).fit();
        List<Float> first = trained.subList(0, 2);
        assertThat(first.get(0)).isNotEqualTo(first.get(1));
        // three epochs; and the best weights are validated once more
        assertThat(trained).hasSize(6);
        assertThat(validated).hasSize(8);
        for (int batch = 0; batch < 8; batch++) {
            assertThat(validated.get(batch)).isEqualTo(first.get(batch % 2));
            assertThat(batch < 6 ? trained.get(batch) : first.get(batch % 2)).isEqualTo(first.get(batch % 2));
        }

        // which is not so of a mere limit: other batches, and other data to validate on
        trained.clear();
        validated.clear();
        ClassificationRecipe limited = tiny.recipe("train.limit_train_batches=2", "train.limit_val_batches=1");
        new Trainer(telling(limited, trained, validated), limited, folder.resolve("limited"), List.of()).fit();
        assertThat(trained).hasSize(6).doesNotHaveDuplicates();
        assertThat(validated).hasSize(4).doesNotContainAnyElementsOf(trained);
    }

    @ParameterizedTest
    @CsvSource({"train.limit_train_batches=5", "train.overfit_batches=5"})
    void aRunOverAPartThatWasKilledGoesOnExactly(String limit) throws IOException {
        Path straight = tiny.train("straight", limit);
        Path killed = tiny.train("killed", tiny.recipe(limit), (event, training) -> {
            if (event instanceof TrainingEvent.BatchEnded batch && batch.epoch() == 1) {
                if (batch.batch() == 2) {
                    training.stop();
                }
            }
        });
        TinyRun.resume(killed);
        for (String file : List.of("best.safetensors", "last/checkpoint.safetensors")) {
            assertThat(killed.resolve(file)).hasSameBinaryContentAs(straight.resolve(file));
        }
    }

    /** A late average and what is unfrozen later are no matter: the run is as long as the recipe says, but ends early. */
    @Test
    void aFastDevRunGoesThroughAllAndLeavesNothing() {
        List<String> notes = new ArrayList<>();
        TrainingRun run = TrainingRun.start(
                tiny.recipe(
                        "train.fast_dev_run=true",
                        "train.epochs=9",
                        "train.ema_decay=null",
                        "train.swa={start: 8, lr: 0.01}",
                        "train.freeze=[mlpconv1.*]",
                        "train.unfreeze=[{epoch: 5, patterns: ['*']}]",
                        "train.val_every=4",
                        "train.keep={top: 2}",
                        "train.checkpoint_every=1"),
                tiny.runs(),
                "fast",
                List.of(events::add, event -> {
                    if (event instanceof TrainingEvent.Noted noted) {
                        notes.add(noted.message());
                    }
                }));
        assertThat(run.fit()).isEqualTo(Ending.COMPLETED);
        assertThat(opening()).startsWith("training 1 epoch of 1 batch, 1 of validation; ");
        assertThat(events)
                .filteredOn(TrainingEvent.EpochEnded.class::isInstance)
                .map(event -> Lines.epoch((TrainingEvent.EpochEnded) event))
                .singleElement()
                .asString()
                .startsWith("epoch 1/1  ");
        assertThat(batches()).isEqualTo(1);
        assertThat(((ClassificationFigures) ended().validation()).images()).isEqualTo(4);
        assertThat(notes)
                .last()
                .asString()
                .startsWith("all was gone through once, and nothing of it is kept: best.safetensors, checkpoints,"
                        + " confusion_matrix.png, curves.png, labels.txt, last, per_class.csv, provenance.yaml,"
                        + " recipe.yaml, results.csv, top, train.log");
        assertThat(tiny.runs()).isEmptyDirectory();
    }

    @Test
    void aFastDevRunThatFailsLeavesNothingEither() {
        TrainingRun run =
                TrainingRun.start(tiny.recipe("train.fast_dev_run=true"), tiny.runs(), "fast", List.of(event -> {
                    if (event instanceof TrainingEvent.EpochEnded) {
                        throw new IllegalStateException("a listener that fails");
                    }
                }));
        assertThatThrownBy(run::fit).hasMessage("a listener that fails");
        assertThat(tiny.runs()).isEmptyDirectory();
    }

    @Test
    void partsThatAreNoneAreRefused() {
        for (String setting : List.of(
                "limit_train_batches=0",
                "limit_val_batches=-1",
                "limit_train_batches=2.5",
                "overfit_batches=0",
                "val_every=0")) {
            assertThatThrownBy(() -> tiny.recipe("train." + setting))
                    .as(setting)
                    .isInstanceOf(RecipeException.class)
                    .hasMessageContaining(setting.substring(0, setting.indexOf('=')));
        }
        assertThatThrownBy(() -> tiny.recipe("train.overfit_batches=1", "train.limit_val_batches=1"))
                .hasMessageContaining("expected overfit_batches, or limit_train_batches");
        assertThatThrownBy(() -> fit("train.limit_train_batches=0.1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "train.limit_train_batches: expected a share of at least one of the 8 batches, got 0.1; 1 is"
                                + " the first batch alone");
        assertThat(tiny.runs()).isEmptyDirectory();
    }
}
