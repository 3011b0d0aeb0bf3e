package com.example.spirals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.data.Feed;
import djinn.training.Goal;
import djinn.training.Outcome;
import djinn.training.Product;
import djinn.training.Task;
import djinn.training.Turn;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the trainer trains: the network, the points, what is lowered and what is told of it. */
record SpiralTask(SpiralRecipe recipe) implements Task<SpiralBatch> {

    private static final int HELD_OUT = 1000;

    @Override
    public SpiralNet newModel() {
        return new SpiralNet(recipe.width());
    }

    @Override
    public Feed<SpiralBatch> training() {
        return new Spirals(recipe.seed(), recipe.points(), recipe.train().batchSize(), true);
    }

    @Override
    public Feed<SpiralBatch> heldOut() {
        return new Spirals(~recipe.seed(), HELD_OUT, recipe.train().batchSize(), false);
    }

    @Override
    public List<Turn<SpiralBatch>> turns() {
        return List.of(Turn.sole(this::run));
    }

    @Override
    public Outcome evaluate(NamedBlock model, SpiralBatch batch, NDManager owner, Pass pass) {
        return run(model, batch, owner, pass);
    }

    private Outcome run(NamedBlock model, SpiralBatch batch, NDManager owner, Pass pass) {
        NDArray scores = ((SpiralNet) model).forward(batch.points(owner), pass);
        return Outcome.of(recipe.loss().apply(scores, batch.sides(owner)), new NDList(scores.stopGradient()));
    }

    @Override
    public SpiralFigures newFigures() {
        return new SpiralFigures();
    }

    @Override
    public Goal goal() {
        return recipe.goal();
    }

    @Override
    public Product product(NamedBlock model) {
        return Product.whole(model, Map.of("spirals.width", Integer.toString(recipe.width())));
    }

    @Override
    public Optional<NDList> productInput(NDManager owner) {
        return Optional.of(new NDList(owner.randomNormal(new Shape(1, 2))));
    }

    @Override
    public String dataFingerprint() {
        return "spirals of seed " + recipe.seed() + ", " + recipe.points() + " points";
    }

    @Override
    public String examples() {
        return "points";
    }
}
