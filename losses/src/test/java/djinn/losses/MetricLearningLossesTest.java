package djinn.losses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Formula;
import djinn.golden.Golden;
import djinn.losses.Triplet.Mining;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

class MetricLearningLossesTest {

    private static final int[] LABELS = {0, 1, 0, 2, 1, 2, 0, 3, 3, 1};
    private static final int[] PAIRED = {0, 0, 1, 1, 2, 2, 0, 0, 3, 1};

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** The losses of a labelled batch, by what they need of it. */
    private static Map<String, LossFunction> pairLosses() {
        Map<String, LossFunction> losses = new LinkedHashMap<>();
        for (Mining mining : Mining.values()) {
            losses.put("triplet " + mining, new Triplet(0.2, mining, false));
            losses.put("triplet squared " + mining, new Triplet(0.2, mining, true));
        }
        losses.put("contrastive", new Contrastive());
        losses.put("n_pairs", new NPairs());
        losses.put("lifted_structure", new LiftedStructure());
        losses.put("ranked_list", new RankedList());
        losses.put("nt_xent", new NtXent());
        losses.put("multi_similarity", new MultiSimilarity());
        return losses;
    }

    /** All losses as functions of embeddings and labels; those with proxies have four fixed ones. */
    private Map<String, LossFunction> allLosses() {
        Map<String, LossFunction> losses = pairLosses();
        losses.put("proxy_nca", (x, y) -> new ProxyNca().apply(x, proxies(x), y));
        losses.put("arcface", (x, y) -> new ArcFace().apply(x, proxies(x), y));
        return losses;
    }

    private NDArray proxies(NDArray embeddings) {
        return Formula.input(
                manager, "proxies", new Shape(4, embeddings.getShape().get(1)));
    }

    @TestFactory
    Iterable<DynamicTest> recordsOfTheReference() {
        Map<String, Function<Map<String, NDArray>, NDArray>> losses = new LinkedHashMap<>();
        losses.put("triplet_facenet", in -> new FacenetTriplet().apply(in.get("a"), in.get("p"), in.get("n")));
        losses.put("triplet_margin", in -> new TripletMargin().apply(in.get("a"), in.get("p"), in.get("n")));
        losses.put("triplet_batch_hard", in -> new Triplet().apply(in.get("x"), in.get("y")));
        losses.put("contrastive", in -> new Contrastive().apply(in.get("x"), in.get("y")));
        losses.put("n_pairs", in -> new NPairs().apply(in.get("x"), in.get("y")));
        losses.put("proxy_nca", in -> new ProxyNca().apply(in.get("x"), in.get("proxies"), in.get("y")));
        losses.put("lifted_structure", in -> new LiftedStructure().apply(in.get("x"), in.get("y")));
        losses.put("ranked_list", in -> new RankedList().apply(in.get("x"), in.get("y")));
        losses.put("nt_xent", in -> new NtXent().apply(in.get("x"), in.get("y")));
        losses.put("multi_similarity", in -> new MultiSimilarity().apply(in.get("x"), in.get("y")));
        losses.put("arcface", in -> new ArcFace(30, 0.5).apply(in.get("x"), in.get("proxies"), in.get("y")));
        Map<String, JsonNode> records = Golden.records("losses.json");
        return losses.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(), () -> checkRecord(records.get(entry.getKey()), entry.getValue())))
                .toList();
    }

    /** Checks a loss of named inputs against the record's value and every gradient it holds. */
    static void checkRecord(JsonNode record, Function<Map<String, NDArray>, NDArray> loss) {
        try (NDManager own = PyTorch.newManager();
                Autograd.Scope recording = Autograd.withGradients()) {
            Map<String, NDArray> inputs = new LinkedHashMap<>();
            record.get("inputs")
                    .properties()
                    .forEach(input -> inputs.put(input.getKey(), Golden.array(own, input.getValue())));
            Set<Map.Entry<String, JsonNode>> gradients = record.get("gradients").properties();
            assertThat(gradients).isNotEmpty();
            gradients.forEach(gradient -> inputs.get(gradient.getKey()).setRequiresGradient(true));

            NDArray value = loss.apply(inputs);
            Autograd.backward(value);

            double expected = record.get("value").asDouble();
            Golden.assertClose("value", new float[] {value.getFloat()}, new double[] {expected}, 1e-5, 1e-6);
            gradients.forEach(gradient -> Golden.assertClose(
                    "gradient " + gradient.getKey(),
                    inputs.get(gradient.getKey()).getGradient(),
                    gradient.getValue()));
        }
    }

    @TestFactory
    Iterable<DynamicTest> valuesAndGradientsOfTheFormulas() {
        int[] y = LABELS;
        Map<String, Runnable> checks = new LinkedHashMap<>();
        for (boolean squared : new boolean[] {false, true}) {
            String name = squared ? " squared" : "";
            checks.put(
                    "batch all" + name,
                    () -> same(
                            new Triplet(0.3, Mining.BATCH_ALL, squared),
                            x -> PlainLosses.batchAll(x, y, 0.3, squared)));
            checks.put(
                    "batch hard" + name,
                    () -> same(
                            new Triplet(0.3, Mining.BATCH_HARD, squared),
                            x -> PlainLosses.batchHard(x, y, 0.3, squared)));
            checks.put(
                    "semi-hard" + name,
                    () -> same(
                            new Triplet(0.3, Mining.SEMI_HARD, squared),
                            x -> PlainLosses.semiHard(x, y, 0.3, squared)));
        }
        checks.put("contrastive", () -> same(new Contrastive(0.9, 2.1), x -> PlainLosses.contrastive(x, y, 0.9, 2.1)));
        checks.put("lifted", () -> same(new LiftedStructure(0.7), x -> PlainLosses.liftedStructure(x, y, 0.7)));
        checks.put("nt xent", () -> same(new NtXent(0.2), x -> PlainLosses.ntXent(x, y, 0.2)));
        checks.put(
                "multi-similarity",
                () -> same(new MultiSimilarity(3, 20, 0.1), x -> PlainLosses.multiSimilarity(x, y, 3, 20, 0.1)));
        checks.put("ranked list", () -> {
            NDArray x = embeddings();
            double[][] fixed = new double[y.length][];
            for (int i = 0; i < y.length; i++) {
                fixed[i] = doubles(x.get(i));
            }
            PlainLosses.assertSame(
                    in -> new RankedList(2, 0.6, 5, 0.3).apply(in.get(0), manager.create(y)),
                    in -> PlainLosses.rankedList(in[0], fixed, y, 2, 0.6, 5, 0.3),
                    x);
        });
        checks.put(
                "n-pairs",
                () -> PlainLosses.assertSame(
                        in -> new NPairs().apply(in.get(0), manager.create(PAIRED)),
                        in -> PlainLosses.nPairs(in[0], PAIRED),
                        embeddings()));
        checks.put(
                "proxy NCA",
                () -> PlainLosses.assertSame(
                        in -> new ProxyNca().apply(in.get(0), in.get(1), manager.create(y)),
                        in -> PlainLosses.proxyNca(in[0], in[1], y),
                        embeddings(),
                        Formula.input(manager, "othersalt:proxies", new Shape(5, 7))));
        checks.put(
                "ArcFace",
                () -> PlainLosses.assertSame(
                        in -> new ArcFace(8, 0.3).apply(in.get(0), in.get(1), manager.create(y)),
                        in -> PlainLosses.arcFace(in[0], in[1], y, 8, 0.3),
                        embeddings(),
                        Formula.input(manager, "othersalt:proxies", new Shape(5, 7))));
        return checks.entrySet().stream()
                .map(check -> DynamicTest.dynamicTest(
                        check.getKey(), () -> check.getValue().run()))
                .toList();
    }

    private void same(LossFunction loss, Function<double[][], Double> formula) {
        PlainLosses.assertSame(
                in -> loss.apply(in.get(0), manager.create(LABELS)), in -> formula.apply(in[0]), embeddings());
    }

    private NDArray embeddings() {
        return Formula.input(manager, "othersalt:x", new Shape(LABELS.length, 7));
    }

    private static double[] doubles(NDArray row) {
        return row.toType(DataType.FLOAT64, true).toDoubleArray();
    }

    @Test
    void miningPicksItsTriplets() {
        NDArray x = manager.create(new float[] {0, 2, 1, 3}, new Shape(4, 1));
        NDArray y = manager.create(new int[] {0, 0, 1, 1});
        // positives are 2 away; negatives 1 and 3 from the outer points, 1 and 1 from the inner ones
        assertThat(new Triplet(1.5, Mining.BATCH_HARD, false).apply(x, y).getFloat())
                .isEqualTo(2.5f);
        // eight triplets: 2.5 six times, 0.5 twice
        assertThat(new Triplet(1.5, Mining.BATCH_ALL, false).apply(x, y).getFloat())
                .isEqualTo(2f);
        // with margin 0.5 the far negatives cost nothing and do not count
        assertThat(new Triplet(0.5, Mining.BATCH_ALL, false).apply(x, y).getFloat())
                .isEqualTo(1.5f);
        // the outer points have a negative beyond the positive, at 3; the inner ones have none and take the farthest, 1
        assertThat(new Triplet(1.5, Mining.SEMI_HARD, false).apply(x, y).getFloat())
                .isEqualTo((0.5f + 0.5f + 2.5f + 2.5f) / 4);
        assertThat(new Triplet(6, Mining.SEMI_HARD, true).apply(x, y).getFloat())
                .isEqualTo((1f + 1f + 9f + 9f) / 4);
    }

    @Test
    void aNegativeAsFarAsThePositiveIsNotSemiHard() {
        NDArray x = manager.create(new float[] {0, 1, -1, 4}, new Shape(4, 1));
        NDArray y = manager.create(new int[] {0, 0, 1, 2});
        // anchor 0: negatives at 1, which is not beyond the positive, and 4; anchor 1: at 2 and 3, of which 2
        assertThat(new Triplet(5, Mining.SEMI_HARD, false).apply(x, y).getFloat())
                .isEqualTo(((5f + 1 - 4) + (5f + 1 - 2)) / 2);
    }

    @Test
    void anchorsWithoutPositiveDoNotCountForBatchHard() {
        NDArray x = manager.create(new float[] {0, 1, 3}, new Shape(3, 1));
        NDArray y = manager.create(new int[] {0, 0, 1});
        assertThat(new Triplet(4, Mining.BATCH_HARD, false).apply(x, y).getFloat())
                .isEqualTo(((4f + 1 - 3) + (4f + 1 - 2)) / 2);
    }

    @Test
    void tripletMarginTakesItsNormAndSwaps() {
        NDArray anchor = manager.create(new float[] {0, 0}, new Shape(1, 2));
        NDArray positive = manager.create(new float[] {3, 4}, new Shape(1, 2));
        NDArray negative = manager.create(new float[] {5, 4}, new Shape(1, 2));
        float taxicab = new TripletMargin(4, 1, 0, false)
                .apply(anchor, positive, negative)
                .getFloat();
        assertThat(taxicab).isEqualTo(4f + 7 - 9);
        float swapped = new TripletMargin(4, 1, 0, true)
                .apply(anchor, positive, negative)
                .getFloat();
        assertThat(swapped).isEqualTo(4f + 7 - 2);
    }

    @Test
    void alignedEmbeddingsHaveTheArcFaceOfTheMarginAlone() {
        NDArray x = manager.create(new float[] {2, 0, 0, -3}, new Shape(2, 2));
        NDArray proxies = manager.create(new float[] {1, 0, 0, 1}, new Shape(2, 2));
        // angles 0 and pi to the own proxy, a right angle to the other
        double near = Math.log1p(Math.exp(-4 * Math.cos(0.5)));
        double far = Math.log1p(Math.exp(4 * Math.cos(0.5)));
        NDArray value = finite(in -> new ArcFace(4, 0.5).apply(in, proxies, manager.create(new int[] {0, 1})), x);
        assertThat((double) value.getFloat()).isCloseTo((near + far) / 2, within(1e-6));
    }

    @TestFactory
    Iterable<DynamicTest> equalEmbeddingsHaveAFiniteGradient() {
        return each(allLosses(), loss -> {
            for (float level : new float[] {0, 1, 1e4f, -1e4f}) {
                finite(x -> loss.apply(x, manager.create(PAIRED)), manager.full(new Shape(10, 4), level));
            }
        });
    }

    @TestFactory
    Iterable<DynamicTest> extremeEmbeddingsHaveAFiniteGradient() {
        return each(allLosses(), loss -> {
            NDArray x = Formula.input(manager, "extreme", new Shape(10, 4)).mul(1e4f);
            finite(in -> loss.apply(in, manager.create(PAIRED)), x);
            finite(in -> loss.apply(in, manager.create(PAIRED)), x.sign().mul(1e4f));
            finite(in -> loss.apply(in, manager.create(PAIRED)), x.mul(1e-12f));
        });
    }

    @TestFactory
    Iterable<DynamicTest> batchesWithoutPairsCostNothing() {
        Map<String, LossFunction> losses = pairLosses();
        Set<String> oneSided = Set.of("contrastive", "ranked_list", "multi_similarity");
        return each(losses, loss -> {
            NDArray x = Formula.input(manager, "x", new Shape(6, 4));
            for (int[] labels : new int[][] {{5, 5, 5, 5, 5, 5}, {0, 1, 2, 3, 4, 5}}) {
                NDArray value = finite(in -> loss.apply(in, manager.create(labels)), x);
                if (oneSided.stream().noneMatch(name -> losses.get(name) == loss)) {
                    assertThat(value.getFloat()).isZero();
                    assertThat(x.getGradient().toFloatArray()).containsOnly(0);
                } else {
                    assertThat(value.getFloat()).isPositive();
                }
            }
            if (!(loss instanceof NPairs)) {
                NDArray single = Formula.input(manager, "x", new Shape(1, 4));
                NDArray value = finite(in -> loss.apply(in, manager.create(new int[] {3})), single);
                assertThat(value.getFloat()).isZero();
                assertThat(single.getGradient().toFloatArray()).containsOnly(0);
            }
        });
    }

    @Test
    void oneSideOfThePairsIsCountedAlone() {
        NDArray x = manager.create(new float[] {0, 1, 3}, new Shape(3, 1));
        NDArray one = manager.create(new int[] {7, 7, 7});
        NDArray different = manager.create(new int[] {7, 8, 9});
        Contrastive contrastive = new Contrastive(0, 1.5);
        assertThat(contrastive.apply(x, one).getFloat()).isEqualTo((1f + 2 + 3) / 3);
        assertThat(contrastive.apply(x, different).getFloat()).isEqualTo(0.5f);
        // positives beyond 2 - 1, one for the middle and the left point, two for the right one; half of their means
        RankedList ranked = new RankedList(2, 1, 0, 0.5);
        assertThat(ranked.apply(x, one).getFloat())
                .isCloseTo((float) (0.5 * (2 + 1 + (2 + 1) / 2.) / 3), within(1e-6f));
        assertThat(ranked.apply(x, different).getFloat()).isCloseTo((float) (0.5 * (1 + 1 + 0) / 3), within(1e-6f));
    }

    @Test
    void equalTripletsCostTheMargin() {
        NDArray same = manager.ones(new Shape(3, 4));
        assertThat(finite(x -> new FacenetTriplet(0.7).apply(x, same, same), same.duplicate())
                        .getFloat())
                .isEqualTo(0.7f);
        assertThat(finite(x -> new TripletMargin().apply(x, same, same), same.duplicate())
                        .getFloat())
                .isEqualTo(1f);
        assertThat(finite(x -> new TripletMargin(1, 2, 0, true).apply(x, same, same), same.duplicate())
                        .getFloat())
                .isEqualTo(1f);
        NDArray extreme = same.mul(1e4f);
        finite(x -> new FacenetTriplet().apply(x, extreme.neg(), extreme), extreme.duplicate());
        finite(x -> new TripletMargin().apply(x, extreme.neg(), extreme), extreme.duplicate());
    }

    @TestFactory
    Iterable<DynamicTest> labelsAreOfAnyType() {
        return each(allLosses(), loss -> {
            NDArray x = Formula.input(manager, "x", new Shape(10, 4));
            NDArray y = manager.create(PAIRED);
            float expected = loss.apply(x, y).getFloat();
            assertThat(expected).isPositive();
            for (DataType type : List.of(DataType.FLOAT32, DataType.INT64, DataType.UINT8)) {
                assertThat(loss.apply(x, y.toType(type, true)).getFloat())
                        .as(type.name())
                        .isEqualTo(expected);
            }
        });
    }

    @TestFactory
    Iterable<DynamicTest> shapesThatDoNotFitAreNamed() {
        return each(allLosses(), loss -> {
            NDArray x = manager.ones(new Shape(4, 3));
            for (Shape labels : List.of(new Shape(5), new Shape(4, 1), new Shape())) {
                assertThatThrownBy(() -> loss.apply(x, manager.zeros(labels)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("(4, 3)")
                        .hasMessageContaining(labels.toString());
            }
            assertThatThrownBy(() -> loss.apply(manager.ones(new Shape(4, 3, 2)), manager.zeros(new Shape(4))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("(4, 3, 2)");
        });
    }

    @Test
    void shapesOfTripletsProxiesAndPairsThatDoNotFitAreNamed() {
        NDArray a = manager.ones(new Shape(4, 3));
        NDArray b = manager.ones(new Shape(4, 2));
        assertThatThrownBy(() -> new FacenetTriplet().apply(a, b, a))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(4, 3), (4, 2) and (4, 3)");
        assertThatThrownBy(() -> new TripletMargin().apply(a, a, b))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(4, 3), (4, 3) and (4, 2)");
        NDArray labels = manager.zeros(new Shape(4));
        assertThatThrownBy(() -> new ProxyNca().apply(a, b, labels))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(4, 3) and (4, 2)");
        assertThatThrownBy(() -> new ArcFace().apply(a, manager.ones(new Shape(1, 3)), labels))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(4, 3) and (1, 3)");
        assertThatThrownBy(() -> new NPairs().apply(manager.ones(new Shape(3, 2)), manager.zeros(new Shape(3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(3, 2) and labels (3)");
    }

    @Test
    void labelsWithoutProxyAreRefused() {
        NDArray x = manager.ones(new Shape(2, 3));
        NDArray proxies = manager.ones(new Shape(4, 3));
        for (int label : new int[] {4, -1}) {
            NDArray y = manager.create(new int[] {0, label});
            assertThatThrownBy(() -> new ProxyNca().apply(x, proxies, y)).hasMessageContaining("out of");
            assertThatThrownBy(() -> new ArcFace().apply(x, proxies, y)).hasMessageContaining("out of");
        }
    }

    @Test
    void valuesOutOfRangeAreNamed() {
        List<Runnable> wrong = List.of(
                () -> new FacenetTriplet(-7.5),
                () -> new TripletMargin(1, -7.5, 0, false),
                () -> new Triplet(-7.5, Mining.BATCH_ALL, false),
                () -> new Contrastive(0, -7.5),
                () -> new LiftedStructure(-7.5),
                () -> new RankedList(1, 0.5, 1, -7.5),
                () -> new RankedList(-7.5, 0.5, 1, 0.5),
                () -> new NtXent(-7.5),
                () -> new MultiSimilarity(1, -7.5, 0),
                () -> new ArcFace(30, -7.5));
        for (Runnable construction : wrong) {
            assertThatThrownBy(construction::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("-7.5");
        }
    }

    private static Iterable<DynamicTest> each(Map<String, LossFunction> losses, Consumer<LossFunction> check) {
        return losses.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> check.accept(entry.getValue())))
                .toList();
    }

    /** Differentiates a loss and asserts that value and gradient are numbers. */
    static NDArray finite(Function<NDArray, NDArray> loss, NDArray x) {
        x.setRequiresGradient(true);
        if (x.hasGradient()) {
            x.getGradient().subi(x.getGradient());
        }
        try (Autograd.Scope recording = Autograd.withGradients()) {
            NDArray value = loss.apply(x);
            Autograd.backward(value);
            assertThat(value.getFloat()).isFinite();
            for (float slope : x.getGradient().toFloatArray()) {
                assertThat(slope).isFinite();
            }
            return value;
        }
    }
}
