package example.regression;

import djinn.inference.Answering;
import djinn.tasks.Extension;
import java.util.Map;

/** Brings the task {@code regression}. */
public final class RegressionExtension implements Extension {

    /** What recipes and weights files call the task. */
    static final String TASK = "regression";

    /** Made by the service loader. */
    public RegressionExtension() {}

    @Override
    public Map<String, Class<? extends Record>> tasks() {
        return Map.of(TASK, RegressionRecipe.class);
    }

    @Override
    public Map<String, Answering> answering() {
        return Map.of(TASK, new RegressionAnswering());
    }
}
