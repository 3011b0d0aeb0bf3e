package djinn.training.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.golden.Golden;
import djinn.ops.Autograd;
import djinn.ops.Gradients;
import djinn.ops.PyTorch;
import djinn.ops.Scalars;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every rule, with settings that the reference records leave at nothing, against its formula in double precision. */
class UpdateFormulaTest {

    private static final int STEPS = 8;
    private static final double LR = .1;
    private static final double DECAY = .2;
    private static final double BETA1 = .8;
    private static final double BETA2 = .9;
    private static final List<Double> BETAS = List.of(BETA1, BETA2);
    private static final double EPS = 1e-6;

    /** Where each parameter begins and where its loss, half the squared distance, is least. */
    private static final class Layer {

        private final Shape shape;
        private final double[] start;
        private final double[] goal;
        private final ParameterGroup group;

        Layer(Shape shape, double[] start, double[] goal, ParameterGroup group) {
            this.shape = shape;
            this.start = start;
            this.goal = goal;
            this.group = group;
        }
    }

    private static Map<String, Layer> layers() {
        Map<String, Layer> layers = new LinkedHashMap<>();
        layers.put(
                "weight",
                new Layer(
                        new Shape(2, 3),
                        new double[] {1, -.5, .25, 2, -1, .75},
                        new double[] {0, .5, -.5, 1, 1, .5},
                        ParameterGroup.PLAIN));
        layers.put(
                "large",
                new Layer(new Shape(1, 2), new double[] {10, -20}, new double[] {9, -21}, new ParameterGroup(.5, 1)));
        // a norm of zero has no ratio at the first step
        layers.put("zero", new Layer(new Shape(2, 1), new double[2], new double[] {1, -2}, ParameterGroup.PLAIN));
        layers.put(
                "bias", new Layer(new Shape(2), new double[] {.5, -1}, new double[] {1, 1}, new ParameterGroup(1, 0)));
        return layers;
    }

    /** A step in the paper's terms: the parameter w, its gradient, and what the rule keeps. */
    private interface Paper {
        void step(int t, double[] w, double[] g, double[][] state, double lr, double decay);
    }

    /** You et al. 2020, algorithm 2. */
    @Test
    void lamb() {
        check(new Lamb(LR, BETAS, EPS, DECAY), (t, w, g, state, lr, decay) -> {
            double[] u = new double[w.length];
            for (int i = 0; i < w.length; i++) {
                double m = average(state[0], i, BETA1, g[i]) / (1 - Math.pow(BETA1, t));
                double v = average(state[1], i, BETA2, g[i] * g[i]) / (1 - Math.pow(BETA2, t));
                u[i] = m / (Math.sqrt(v) + EPS) + decay * w[i];
            }
            double ratio = decay == 0 || norm(w) == 0 ? 1 : norm(w) / norm(u);
            for (int i = 0; i < w.length; i++) {
                w[i] -= lr * ratio * u[i];
            }
        });
    }

    /** You et al. 2017, algorithm 1. */
    @Test
    void lars() {
        double trust = .05;
        check(new Lars(LR, .9, DECAY, trust), (t, w, g, state, lr, decay) -> {
            double local = decay == 0 || norm(w) == 0 ? 1 : trust * norm(w) / (norm(g) + decay * norm(w));
            for (int i = 0; i < w.length; i++) {
                state[0][i] = .9 * state[0][i] + lr * local * (g[i] + decay * w[i]);
            }
            for (int i = 0; i < w.length; i++) {
                w[i] -= state[0][i];
            }
        });
    }

    @Test
    void sgd() {
        check(new Sgd(LR, .9, false, DECAY), each((t, i, w, g, s, lr, decay) -> {
            s[0][i] = .9 * s[0][i] + g + decay * w;
            return w - lr * s[0][i];
        }));
    }

    @Test
    void rmsProp() {
        check(new RmsProp(LR, .9, EPS, DECAY, .5, true), each((t, i, w, g, s, lr, decay) -> {
            double l2 = g + decay * w;
            double square = average(s[0], i, .9, l2 * l2);
            double mean = average(s[1], i, .9, l2);
            s[2][i] = .5 * s[2][i] + l2 / (Math.sqrt(square - mean * mean) + EPS);
            return w - lr * s[2][i];
        }));
    }

    @Test
    void adagrad() {
        check(new Adagrad(LR, .3, DECAY, .25, EPS), each((t, i, w, g, s, lr, decay) -> {
            double l2 = g + decay * w;
            s[0][i] = (t == 1 ? .25 : s[0][i]) + l2 * l2;
            return w - lr / (1 + (t - 1) * .3) * l2 / (Math.sqrt(s[0][i]) + EPS);
        }));
    }

    @Test
    void adadelta() {
        check(new Adadelta(LR, .8, 1e-3, DECAY), each((t, i, w, g, s, lr, decay) -> {
            double l2 = g + decay * w;
            double square = average(s[0], i, .8, l2 * l2);
            double u = Math.sqrt(s[1][i] + 1e-3) / Math.sqrt(square + 1e-3) * l2;
            average(s[1], i, .8, u * u);
            return w - lr * u;
        }));
    }

    @Test
    void adam() {
        check(new Adam(LR, BETAS, EPS, DECAY, true), each((t, i, w, g, s, lr, decay) -> {
            double l2 = g + decay * w;
            double m = average(s[0], i, BETA1, l2) / (1 - Math.pow(BETA1, t));
            s[2][i] = Math.max(s[2][i], average(s[1], i, BETA2, l2 * l2));
            return w - lr * m / (Math.sqrt(s[2][i] / (1 - Math.pow(BETA2, t))) + EPS);
        }));
    }

    @Test
    void adamW() {
        check(new AdamW(LR, BETAS, EPS, DECAY, false), each((t, i, w, g, s, lr, decay) -> {
            double m = average(s[0], i, BETA1, g) / (1 - Math.pow(BETA1, t));
            double v = average(s[1], i, BETA2, g * g) / (1 - Math.pow(BETA2, t));
            return w - lr * decay * w - lr * m / (Math.sqrt(v) + EPS);
        }));
    }

    @Test
    void adamax() {
        check(new Adamax(LR, BETAS, EPS, DECAY), each((t, i, w, g, s, lr, decay) -> {
            double l2 = g + decay * w;
            double m = average(s[0], i, BETA1, l2) / (1 - Math.pow(BETA1, t));
            s[1][i] = Math.max(BETA2 * s[1][i], Math.abs(l2) + EPS);
            return w - lr * m / s[1][i];
        }));
    }

    @Test
    void nAdam() {
        for (boolean decoupled : new boolean[] {false, true}) {
            check(new NAdam(LR, BETAS, EPS, DECAY, .05, decoupled), each((t, i, w, g, s, lr, decay) -> {
                double l2 = decoupled ? g : g + decay * w;
                double from = decoupled ? w - lr * decay * w : w;
                double m = average(s[0], i, BETA1, l2);
                double v = average(s[1], i, BETA2, l2 * l2) / (1 - Math.pow(BETA2, t));
                double mu = BETA1 * (1 - .5 * Math.pow(.96, t * .05));
                double next = BETA1 * (1 - .5 * Math.pow(.96, (t + 1) * .05));
                s[2][i] = (t == 1 ? 1 : s[2][i]) * mu;
                double ahead = (1 - mu) / (1 - s[2][i]) * l2 + next / (1 - s[2][i] * next) * m;
                return from - lr * ahead / (Math.sqrt(v) + EPS);
            }));
        }
    }

    /** With a beta2 of 0.9 the step is rectified from the sixth on. */
    @Test
    void rAdam() {
        boolean[] seen = new boolean[2];
        for (boolean decoupled : new boolean[] {false, true}) {
            check(new RAdam(LR, BETAS, EPS, DECAY, decoupled), each((t, i, w, g, s, lr, decay) -> {
                double l2 = decoupled ? g : g + decay * w;
                double from = decoupled ? w - lr * decay * w : w;
                double m = average(s[0], i, BETA1, l2) / (1 - Math.pow(BETA1, t));
                double root = Math.sqrt(average(s[1], i, BETA2, l2 * l2)) + EPS;
                double limit = 2 / (1 - BETA2) - 1;
                double power = Math.pow(BETA2, t);
                double length = limit - 2 * t * power / (1 - power);
                seen[length <= 5 ? 0 : 1] = true;
                if (length <= 5) {
                    return from - lr * m;
                }
                double above = (length - 4) * (length - 2) * limit;
                double below = (limit - 4) * (limit - 2) * length;
                return from - lr * m * Math.sqrt(above / below) * Math.sqrt(1 - power) / root;
            }));
        }
        assertThat(seen).containsExactly(true, true);
    }

    /** An update of a single element: returns the new w. */
    private interface Element {
        double step(int t, int i, double w, double g, double[][] state, double lr, double decay);
    }

    private static Paper each(Element element) {
        return (t, w, g, state, lr, decay) -> {
            for (int i = 0; i < w.length; i++) {
                w[i] = element.step(t, i, w[i], g[i], state, lr, decay);
            }
        };
    }

    private static double average(double[] averages, int i, double kept, double value) {
        averages[i] = kept * averages[i] + (1 - kept) * value;
        return averages[i];
    }

    private static void check(OptimizerRule rule, Paper paper) {
        Map<String, Layer> layers = layers();
        try (NDManager manager = PyTorch.newManager()) {
            Map<String, NDArray> parameters = new LinkedHashMap<>();
            Map<String, NDArray> goals = new LinkedHashMap<>();
            Map<String, double[][]> states = new LinkedHashMap<>();
            layers.forEach((name, layer) -> {
                NDArray parameter = manager.create(floats(layer.start), layer.shape);
                parameter.setRequiresGradient(true);
                parameters.put(name, parameter);
                goals.put(name, manager.create(floats(layer.goal), layer.shape));
                states.put(name, new double[3][layer.start.length]);
            });
            try (Optimizer optimizer = new Optimizer(rule, parameters, manager, name -> layers.get(name).group)) {
                for (int t = 1; t <= STEPS; t++) {
                    try (Autograd.Scope recording = Autograd.withGradients()) {
                        NDArray loss = manager.zeros(new Shape());
                        for (String name : layers.keySet()) {
                            NDArray off = parameters.get(name).sub(goals.get(name));
                            loss = loss.add(Scalars.div(off.mul(off).sum(), 2));
                        }
                        try (Gradients gradients = optimizer.gradients(loss)) {
                            optimizer.step(gradients, LR);
                        }
                    }
                    for (Map.Entry<String, Layer> entry : layers.entrySet()) {
                        Layer layer = entry.getValue();
                        double[] g = new double[layer.start.length];
                        for (int i = 0; i < g.length; i++) {
                            g[i] = layer.start[i] - layer.goal[i];
                        }
                        double lr = LR * layer.group.lrFactor();
                        paper.step(
                                t, layer.start, g, states.get(entry.getKey()), lr, DECAY * layer.group.decayFactor());
                        Golden.assertClose(
                                entry.getKey() + " after step " + t,
                                parameters.get(entry.getKey()).toFloatArray(),
                                layer.start,
                                1e-5,
                                1e-6);
                    }
                }
            }
        }
    }

    private static double norm(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
