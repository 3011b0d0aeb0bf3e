package djinn.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.initializer.Initializer;
import djinn.data.ImageBatch;
import djinn.tasks.classification.ClassificationRecipe;
import djinn.tasks.classification.ClassificationTask;
import djinn.training.DivergedException;
import djinn.training.Figures;
import djinn.training.LearningRateFinder;
import djinn.training.LearningRateFinder.Point;
import djinn.training.LearningRateFinder.Result;
import djinn.training.Outcome;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearningRateFinderTest {

    private static final LearningRateFinder.Listener NOBODY = (step, point) -> {};

    @TempDir
    private Path folder;

    private TinyRun tiny;

    @BeforeEach
    void makeData() {
        tiny = new TinyRun(folder);
    }

    /** One weight, 1 at first. */
    private static final class Weight extends NamedBlock {

        private final Parameter w = parameter("w", Parameter.Type.WEIGHT, Initializer.ONES, 1);

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(pass.value(w, inputs.get(0)));
        }
    }

    /** The loss curvature w^2 / 2 + level, whatever the batch. */
    private static final class Parabola extends DelegatingTask {

        private final double curvature;
        private final double level;

        Parabola(Task<ImageBatch> data, double curvature, double level) {
            super(data);
            this.curvature = curvature;
            this.level = level;
        }

        @Override
        public NamedBlock newModel() {
            return new Weight();
        }

        @Override
        public Figures<ImageBatch> newFigures() {
            return new DelegatingFigures(super.newFigures()) {
                @Override
                public void add(ImageBatch batch, Outcome outcome) {}
            };
        }

        @Override
        public List<Turn<ImageBatch>> turns() {
            return List.of(Turn.sole((model, batch, owner, pass) -> {
                NDArray w = ((Weight) model)
                        .forward(new NDList(owner.zeros(new Shape(1))), pass)
                        .singletonOrThrow();
                return Outcome.of(w.square().mul(curvature / 2).add(level).sum(), new NDList());
            }));
        }
    }

    private ClassificationRecipe descent(int accumulationSteps) {
        return tiny.recipe(
                "optimizer={name: sgd, lr: 1}",
                "train.clip_norm=null",
                "train.ema_decay=null",
                "train.accumulation_steps=" + accumulationSteps);
    }

    private Result parabola(LearningRateFinder finder, double curvature, double level, int accumulationSteps) {
        ClassificationRecipe recipe = descent(accumulationSteps);
        return finder.find(new Parabola(ClassificationTask.of(recipe), curvature, level), recipe, NOBODY);
    }

    /** Gradient descent on the parabola by hand: w becomes (1 - share lr curvature) w. */
    @Test
    void theTestOfAParabolaIsWhatArithmeticGives() {
        LearningRateFinder finder = new LearningRateFinder(1e-3, 100, 61);
        for (int accumulationSteps : List.of(1, 3)) {
            Result result = parabola(finder, 2, 0.01, accumulationSteps);
            double w = 1;
            double sum = 0;
            double weights = 0;
            List<Double> smoothed = new ArrayList<>();
            for (int step = 0; step < result.points().size(); step++) {
                Point point = result.points().get(step);
                double lr = Math.pow(10, -3 + step / 12.);
                double loss = w * w + 0.01;
                sum = 0.98 * sum + loss;
                weights = 0.98 * weights + 1;
                smoothed.add(sum / weights);
                assertThat(point.lr()).isCloseTo(lr, within(1e-9 * lr));
                assertThat(point.loss()).isCloseTo(loss, within(1e-4 * loss));
                assertThat(point.smoothed()).isCloseTo(sum / weights, within(1e-4 * sum / weights));
                // eight batches an epoch: with three a step, every third step has only two thirds of its gradients
                double share = accumulationSteps == 3 && step % 3 == 2 ? 2 / 3. : 1;
                w *= 1 - share * lr * 2;
            }
            assertThat(result.stopped()).isTrue();
            int last = smoothed.size() - 1;
            double least =
                    smoothed.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
            assertThat(smoothed.get(last)).isGreaterThan(4 * least);
            assertThat(smoothed.get(last - 1)).isLessThanOrEqualTo(4 * least);
            assertThat(result.least().smoothed()).isCloseTo(least, within(1e-4 * least));

            int steepest = 11;
            for (int i = 12; i < last - 1; i++) {
                if (smoothed.get(i + 1) - smoothed.get(i - 1)
                        < smoothed.get(steepest + 1) - smoothed.get(steepest - 1)) {
                    steepest = i;
                }
            }
            assertThat(result.suggestion())
                    .hasValue(result.points().get(steepest).lr());
            // beyond 2 / curvature descent climbs
            assertThat(result.suggestion().getAsDouble()).isBetween(0.01, 1.);
        }
    }

    @Test
    void aLossThatNeverFallsHasNoSuggestion() {
        Result flat = parabola(new LearningRateFinder(1e-3, 1, 20), 0, 3, 1);
        assertThat(flat.points()).hasSize(20).allMatch(point -> point.loss() == 3);
        assertThat(flat.suggestion()).isEmpty();
        assertThat(flat.stopped()).isFalse();
    }

    @Test
    void aLossThatGrowsAtOnceIsToldOf() {
        assertThatThrownBy(() -> parabola(new LearningRateFinder(1000, 1e6, 20), 2, 0, 1))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("more than 4 times its least at step 2 of 20 (learning rate 1.44e+03)");
        assertThatThrownBy(() -> parabola(new LearningRateFinder(1e-3, 1, 20), Double.NaN, 0, 1))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("the loss became NaN at step 1 of 20");
    }

    @Test
    void aModelsTestIsTheSameEveryTimeAndLeavesNothing() {
        ClassificationRecipe recipe = tiny.recipe("train.accumulation_steps=1");
        LearningRateFinder finder = new LearningRateFinder(1e-5, 1, 25);
        List<Point> told = new ArrayList<>();
        Result first = finder.find(ClassificationTask.of(recipe), recipe, (step, point) -> told.add(point));
        assertThat(finder.find(ClassificationTask.of(recipe), recipe, NOBODY)).isEqualTo(first);
        assertThat(told).isEqualTo(first.points());
        assertThat(first.points().get(0).loss()).isBetween(0.5, 3.);
        assertThat(first.suggestion().orElseThrow()).isBetween(1e-5, 0.5);
        assertThat(tiny.runs()).doesNotExist();

        ClassificationRecipe other = tiny.recipe("train.accumulation_steps=1", "seed=9");
        assertThat(finder.find(ClassificationTask.of(other), other, NOBODY)).isNotEqualTo(first);
    }

    @Test
    void rangesAreChecked() {
        assertThatThrownBy(() -> new LearningRateFinder(0, 1, 20)).hasMessageContaining("got 0.0 to 1.0");
        assertThatThrownBy(() -> new LearningRateFinder(1, 1, 20)).hasMessageContaining("got 1.0 to 1.0");
        assertThatThrownBy(() -> new LearningRateFinder(1, Double.NaN, 20)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> new LearningRateFinder(1, 2, 12)).hasMessageContaining("at least 13 steps");
    }
}
