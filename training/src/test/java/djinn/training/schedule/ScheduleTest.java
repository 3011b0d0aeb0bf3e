package djinn.training.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import djinn.golden.Golden;
import djinn.training.schedule.Plateau.Mode;
import djinn.training.schedule.Plateau.ThresholdMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

class ScheduleTest {

    private static final Plateau PLATEAU = new Plateau("loss", Mode.MIN, .1, 3, 1e-4, ThresholdMode.REL, 0, 0, 1e-8);

    private static Map<String, Schedule> schedules() {
        Map<String, Schedule> schedules = new LinkedHashMap<>();
        schedules.put("step", new Step(10, .5));
        schedules.put("multi_step", new MultiStep(List.of(7L, 19L), .1));
        schedules.put("exponential", new Exponential(.9));
        schedules.put("polynomial", new Polynomial(.9, OptionalLong.of(30)));
        schedules.put("cosine", new Cosine(.001));
        schedules.put("cosine_restarts", new CosineRestarts(8, 2, 0));
        schedules.put("one_cycle", new OneCycle(.3, 25, 1e4));
        schedules.put("warmup_cosine", new WarmupCosine(5, .01, 0));
        schedules.put("noam", new Noam(512, 10));
        schedules.put("plateau", PLATEAU);
        schedules.put("caffe_inv", new Inverse(.01, .75));
        schedules.put("caffe_sigmoid", new Sigmoid(-.2, 20));
        return schedules;
    }

    /**
     * The record of the plateau tells its rates, not the figure: the first drop, after ten epochs and a patience of
     * three, is that of a figure which falls ten times and then stays.
     */
    @TestFactory
    Iterable<DynamicTest> ratesOfTheReference() {
        Map<String, Schedule> schedules = schedules();
        Map<String, JsonNode> records = Golden.records("schedules.json");
        assertThat(schedules.keySet()).containsExactlyInAnyOrderElementsOf(records.keySet());
        List<Double> falling =
                IntStream.range(0, 40).mapToObj(t -> 1 - Math.min(t, 9) / 10.0).toList();
        return schedules.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    double[] rates = Golden.doubles(records.get(entry.getKey()).get("lr"));
                    assertThat(rates).hasSizeGreaterThan(30);
                    double base = entry.getKey().equals("noam") ? 1 : .1;
                    for (int t = 0; t < rates.length; t++) {
                        assertThat(entry.getValue().at(base, t, 40, falling.subList(0, t)))
                                .as("rate at " + t)
                                .isCloseTo(rates[t], within(1e-6 * rates[t]));
                    }
                }))
                .toList();
    }

    /** Five epochs of ten steps each: the rise is that of fifty steps, and all else waits for the next epoch. */
    @Test
    void aRiseMovesWithinAnEpochAndNothingElseDoes() {
        List<Schedule> rises = List.of(
                new WarmupCosine(5, .1, 0), new Warmup(5, .1, new Step(3, .5)), new Warmup(5, .1, new Constant()));
        Warmup bySteps = new Warmup(50, .1, new Constant());
        for (Schedule rise : rises) {
            for (int step = 0; step < 50; step++) {
                assertThat(rise.within(.2, step / 10, step % 10 / 10., 40, List.of()))
                        .isCloseTo(bySteps.at(.2, step, 400), within(1e-12));
            }
            assertThat(rise.within(.2, 9, .7, 40, List.of())).isEqualTo(rise.at(.2, 9, 40));
        }
        OneCycle cycle = new OneCycle(.3, 25, 1e4);
        assertThat(cycle.within(.2, 0, .5, 40, List.of())).isBetween(cycle.at(.2, 0, 40), cycle.at(.2, 1, 40));
        assertThat(cycle.within(.2, 20, .5, 40, List.of())).isEqualTo(cycle.at(.2, 20, 40));
        Noam noam = new Noam(512, 10);
        assertThat(noam.within(1, 3, .5, 40, List.of()))
                .isCloseTo((noam.at(1, 3, 40) + noam.at(1, 4, 40)) / 2, within(1e-12));
        assertThat(noam.within(1, 20, .5, 40, List.of())).isEqualTo(noam.at(1, 20, 40));
        assertThat(new Cosine(0).within(.2, 3, .5, 40, List.of())).isEqualTo(new Cosine(0).at(.2, 3, 40));
    }

    @Test
    void theConstantScheduleKeepsTheRate() {
        assertThat(new Constant().at(.3, 17, 40)).isEqualTo(.3);
    }

    @Test
    void aLineRunsBetweenItsShares() {
        Linear whole = new Linear(1, 0, OptionalLong.empty(), 0);
        assertThat(whole.at(.2, 0, 40)).isEqualTo(.2);
        assertThat(whole.at(.2, 10, 40)).isCloseTo(.15, within(1e-12));
        Linear part = new Linear(.5, 2, OptionalLong.of(10), 0);
        assertThat(part.at(.2, 5, 40)).isCloseTo(.25, within(1e-12));
        assertThat(part.at(.2, 10, 40)).isEqualTo(part.at(.2, 39, 40)).isCloseTo(.4, within(1e-12));
    }

    /** The rule of CycleGAN's authors for 100 epochs and 100 more: 1 - max(0, epoch + 1 - 100) / 101, epochs from 0. */
    @Test
    void aLineMayBeginBehindAHold() {
        Linear rule = new Linear(1, 0, OptionalLong.of(101), 99);
        for (int epoch = 0; epoch < 200; epoch++) {
            double expected = 1 - Math.max(0, epoch + 1 - 100) / 101.0;
            assertThat(rule.at(.2, epoch, 200)).isCloseTo(.2 * expected, within(1e-12));
        }
        Linear rest = new Linear(1, 0, OptionalLong.empty(), 30);
        assertThat(rest.at(.2, 30, 40)).isEqualTo(.2);
        assertThat(rest.at(.2, 35, 40)).isCloseTo(.1, within(1e-12));
        assertThatThrownBy(() -> new Linear(1, 0, OptionalLong.empty(), -1)).hasMessageContaining("hold");
    }

    @Test
    void aPolynomialOfPowerOneIsALineOverTheTraining() {
        Polynomial line = new Polynomial(1, OptionalLong.empty());
        assertThat(line.at(.2, 30, 40)).isCloseTo(.05, within(1e-12));
    }

    @Test
    void equalRestartsRepeat() {
        CosineRestarts equal = new CosineRestarts(7, 1, .01);
        assertThat(equal.at(.2, 7_000_000_003L, 40)).isEqualTo(equal.at(.2, 3, 40));
        assertThat(equal.at(.2, 7, 40)).isEqualTo(.2);
    }

    @Test
    void aCycleOfAnyShapeStaysWithinItsRates() {
        for (double share : new double[] {0, .01, .5, 1}) {
            for (long total = 1; total < 6; total++) {
                for (long time = 0; time < total; time++) {
                    assertThat(new OneCycle(share, 25, 1e4).at(.1, time, total)).isBetween(.1 / 25e4 - 1e-15, .1);
                }
            }
        }
    }

    @Test
    void warmupGoesBeforeAnySchedule() {
        Warmup warm = new Warmup(4, .2, new Step(10, .5));
        assertThat(warm.at(1, 0, 40)).isCloseTo(.2, within(1e-12));
        assertThat(warm.at(1, 2, 40)).isCloseTo(.6, within(1e-12));
        assertThat(warm.at(1, 13, 40)).isEqualTo(1);
        assertThat(warm.at(1, 14, 40)).isEqualTo(.5);
        // what is left of the training is the line's length
        Warmup line = new Warmup(10, .2, new Linear(1, 0, OptionalLong.empty(), 0));
        assertThat(line.at(1, 25, 40)).isCloseTo(.5, within(1e-12));

        Warmup watching = new Warmup(2, .5, PLATEAU);
        assertThat(watching.watches()).contains("loss");
        assertThat(watching.at(1, 1, 40, List.of(1., 1., 1., 1., 1.))).isEqualTo(.75);
        assertThat(watching.at(1, 5, 40, List.of(1., 1., 1., 1., 1.))).isCloseTo(.1, within(1e-12));
        assertThat(watching.at(1, 5, 40)).isEqualTo(1);
        assertThat(warm.watches()).isEmpty();
    }

    @Test
    void thePlateauHeedsModeThresholdCooldownAndTheLeastRate() {
        // growth of a hundredth of the best is not enough at a threshold of a tenth of it, but as a difference it is
        List<Double> slow = List.of(1., 1.05, 1.08);
        assertThat(plateau(Mode.MAX, 1, .1, ThresholdMode.REL, 0, 0).at(1, 0, 9, slow))
                .isEqualTo(.5);
        assertThat(plateau(Mode.MAX, 1, .04, ThresholdMode.ABS, 0, 0).at(1, 0, 9, slow))
                .isEqualTo(1);
        assertThat(plateau(Mode.MIN, 1, .04, ThresholdMode.ABS, 0, 0).at(1, 0, 9, slow))
                .isEqualTo(.5);

        // no patience: a drop at each validation that is no better, but for the two of a cooldown
        List<Double> same = List.of(1., 1., 1., 1., 1., 1., 1.);
        assertThat(plateau(Mode.MIN, 0, 0, ThresholdMode.REL, 0, 0).at(1, 0, 9, same))
                .isEqualTo(1 / 64.);
        assertThat(plateau(Mode.MIN, 0, 0, ThresholdMode.REL, 2, 0).at(1, 0, 9, same))
                .isEqualTo(1 / 4.);
        assertThat(plateau(Mode.MIN, 0, 0, ThresholdMode.REL, 0, .1).at(1, 0, 9, same))
                .isEqualTo(.1);
        // a drop of no more than eps is left out
        assertThat(plateau(Mode.MIN, 0, 0, ThresholdMode.REL, 0, 0).at(1.5e-8, 0, 9, same))
                .isEqualTo(1.5e-8);

        // a better figure, however late, starts the patience anew
        List<Double> late = List.of(1., 1., 1., .5, .5, .5);
        assertThat(plateau(Mode.MIN, 2, 0, ThresholdMode.REL, 0, 0).at(1, 0, 9, late))
                .isEqualTo(1);
    }

    private static Plateau plateau(
            Mode mode, int patience, double threshold, ThresholdMode thresholdMode, int cooldown, double minLr) {
        return new Plateau("loss", mode, .5, patience, threshold, thresholdMode, cooldown, minLr, 1e-8);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new Step(0, .1)).hasMessageContaining("step_size");
        assertThatThrownBy(() -> new MultiStep(List.of(9L, 3L), .1)).hasMessageContaining("ascending");
        assertThatThrownBy(() -> new Exponential(0)).hasMessageContaining("gamma");
        assertThatThrownBy(() -> new Linear(-1, 0, OptionalLong.empty(), 0)).hasMessageContaining("start_factor");
        assertThatThrownBy(() -> new Polynomial(1, OptionalLong.of(0))).hasMessageContaining("total_iters");
        assertThatThrownBy(() -> new Inverse(-1, 1)).hasMessageContaining("gamma");
        assertThatThrownBy(() -> new Sigmoid(Double.NaN, 1)).hasMessageContaining("gamma");
        assertThatThrownBy(() -> new Cosine(-1)).hasMessageContaining("min_lr");
        assertThatThrownBy(() -> new CosineRestarts(8, 0, 0)).hasMessageContaining("period_factor");
        assertThatThrownBy(() -> new OneCycle(2, 25, 1e4)).hasMessageContaining("pct_start");
        assertThatThrownBy(() -> new OneCycle(.3, 0, 1e4)).hasMessageContaining("div_factor");
        assertThatThrownBy(() -> new Noam(0, 1)).hasMessageContaining("model_size");
        assertThatThrownBy(() -> new Warmup(0, .1, new Constant())).hasMessageContaining("warmup");
        assertThatThrownBy(() -> new WarmupCosine(5, 0, 0)).hasMessageContaining("start_factor");
        assertThatThrownBy(() -> new Plateau("loss", Mode.MIN, 1, 3, 0, ThresholdMode.REL, 0, 0, 0))
                .hasMessageContaining("factor");
    }
}
