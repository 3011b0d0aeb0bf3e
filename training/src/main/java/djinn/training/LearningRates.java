package djinn.training;

import djinn.training.recipe.Recipe;
import djinn.training.recipe.Train;
import java.util.List;

/**
 * The learning rate of every step of a run.
 *
 * @param recipe the rate, the schedule, the averaging and the lengths
 * @param stepsPerEpoch the steps of an epoch
 */
record LearningRates(Recipe recipe, long stepsPerEpoch) {

    /**
     * Returns a rate.
     *
     * @param epoch from 0 on
     * @param step from 0 on, over the whole run
     * @param watched the figure the schedule watches at each validation so far
     */
    double at(int epoch, long step, List<Double> watched) {
        Train train = recipe.train();
        int first = train.swa().map(swa -> swa.firstEpoch(train.epochs())).orElse(Integer.MAX_VALUE);
        if (epoch < first) {
            return scheduled(epoch, step, watched);
        }
        double since = train.scheduleUnit() == Train.Unit.EPOCH
                ? epoch - first
                : (step - first * stepsPerEpoch) / (double) stepsPerEpoch;
        // the schedule's rate at the first of these epochs, by what was validated before it
        List<Double> before = watched.subList(0, Math.min(first / train.valEvery(), watched.size()));
        return train.swa().orElseThrow().lr(scheduled(first, first * stepsPerEpoch, before), since);
    }

    private double scheduled(int epoch, long step, List<Double> watched) {
        Train train = recipe.train();
        double base = recipe.optimizer().lr();
        if (train.scheduleUnit() == Train.Unit.STEP) {
            return recipe.schedule().at(base, step, stepsPerEpoch * train.epochs(), watched);
        }
        double share = (step - epoch * stepsPerEpoch) / (double) stepsPerEpoch;
        return recipe.schedule().within(base, epoch, share, train.epochs(), watched);
    }
}
