package djinn.training.recipe;

import ai.djl.Device;
import djinn.data.ClassWeights;
import djinn.ops.Default;
import djinn.ops.DeviceName;
import djinn.ops.MemoryFormat;
import djinn.ops.Precision;
import djinn.training.track.Tracking;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How long, and in what steps.
 *
 * @param epochs passes over the data
 * @param maxTime the training ends after the step at which it took this long, validation and earlier sittings of a
 *     resumed run included; schedules go by {@code epochs} all the same
 * @param batchSize examples in a batch
 * @param device what is trained on: cpu, cuda (the first GPU of NVIDIA), cuda:N or mps; auto is the first GPU, or the
 *     processor where there is none
 * @param devices how many share each batch, device being the first; or which, as cuda:0,cuda:2
 * @param accumulationSteps batches whose gradients are added before one step
 * @param scheduleUnit what the schedule counts; in epochs, the rise of a warm-up still moves with every step
 * @param memoryFormat the order of elements in memory, which changes speed and the last digits only
 * @param precision of 2-D convolutions and linear layers in training; validation is in float32
 * @param gradientCheckpointing whether a stack of layers keeps its inputs alone and is computed once more for the
 *     gradients: less memory, more time; of models that say so, such as gpt and transformer
 * @param agc the largest norm of a unit's gradient in proportion to its weights' (adaptive gradient clipping), the
 *     head's left alone; clipping is done in the order of these three keys
 * @param clipValue the largest size of a gradient's element
 * @param clipNorm the largest global norm of gradients
 * @param l1Penalty the L1 penalty's factor, added to the gradients after clipping
 * @param emaDecay what the moving average of weights keeps in a step; validated and saved as best where given
 * @param swa the equal average of the weights of the last epochs; instead of ema_decay
 * @param classWeights how the loss makes up for rare classes; of losses with one weight per class, left out there
 * @param valEvery epochs from one validation to the next; the last epoch is validated in any case
 * @param patience validations without a better figure of the task's goal before the run stops; there is one an epoch
 *     unless val_every says otherwise
 * @param checkpointEvery epochs between checkpoints that are kept
 * @param keep the best few weights by a figure, which are kept beside the best
 * @param limitTrainBatches how much of an epoch is trained on: below 1 the share of its batches, from 1 on their
 *     number; their order is drawn anew in each epoch
 * @param limitValBatches how much of the held-out data is validated on, in the same way; always the first
 * @param overfitBatches how much is both trained and validated on, in the same way: the same batches in every epoch, as
 *     the first would draw them; instead of the two limits
 * @param fastDevRun whether all is gone through once, with one batch of training and one of validation: of such a run
 *     nothing is kept
 * @param freeze patterns of parameter names that are not trained, such as {@code features.*}
 * @param unfreeze what of them is trained after all from some epoch on
 * @param lrScale factors of the learning rate by patterns of names; the first that matches counts
 * @param layerDecay factor of the learning rate from each layer to the one before, the head's being 1; what a layer
 *     is, {@link djinn.training.optimizer.LayerDepth} says
 * @param decayScale factors of the weight decay by patterns of names; the first that matches counts
 * @param decayExempt which have no weight decay
 * @param logTo where the training is written to beside the files of its folder; {@code csv} is results.csv, which is
 *     always written, whether it is named or not
 */
public record Train(
        int epochs,
        Optional<Duration> maxTime,
        @Default("64") int batchSize,
        @Default("auto") String device,
        @Default("1") String devices,
        @Default("1") int accumulationSteps,
        @Default("epoch") Unit scheduleUnit,
        @Default("auto") MemoryLayout memoryFormat,
        @Default("fp32") Precision precision,
        @Default("false") boolean gradientCheckpointing,
        OptionalDouble agc,
        OptionalDouble clipValue,
        OptionalDouble clipNorm,
        OptionalDouble l1Penalty,
        OptionalDouble emaDecay,
        Optional<Swa> swa,
        Optional<ClassWeights> classWeights,
        @Default("1") int valEvery,
        OptionalInt patience,
        OptionalInt checkpointEvery,
        Optional<Keep> keep,
        OptionalDouble limitTrainBatches,
        OptionalDouble limitValBatches,
        OptionalDouble overfitBatches,
        @Default("false") boolean fastDevRun,
        @Default("[]") List<String> freeze,
        @Default("[]") List<Unfreeze> unfreeze,
        @Default("{}") Map<String, Double> lrScale,
        @Default("1") double layerDecay,
        @Default("{}") Map<String, Double> decayScale,
        @Default("none") DecayExempt decayExempt,
        @Default("[]") List<Tracking> logTo) {

    /** What a schedule counts. */
    public enum Unit {
        /** Passes over the data. */
        EPOCH,
        /** Updates of the weights. */
        STEP
    }

    /** In what order the elements of images and weights lie in memory. */
    public enum MemoryLayout {
        /** Whichever is faster: channels last. */
        AUTO(MemoryFormat.CHANNELS_LAST),
        /** The channels of one position together. */
        CHANNELS_LAST(MemoryFormat.CHANNELS_LAST),
        /** The rows of one channel together. */
        DEFAULT(MemoryFormat.CONTIGUOUS);

        private final MemoryFormat format;

        MemoryLayout(MemoryFormat format) {
            this.format = format;
        }

        /** Returns the engine's format. */
        public MemoryFormat format() {
            return format;
        }
    }

    /** Which parameters have no weight decay, whatever the optimizer says. */
    public enum DecayExempt {
        /** None. */
        NONE,
        /** Those of at most one dimension. */
        NORMS_AND_BIASES
    }

    /** Checks the ranges. */
    public Train {
        logTo = List.copyOf(logTo);
        if (logTo.stream().map(Object::getClass).distinct().count() < logTo.size()) {
            throw new IllegalArgumentException("expected each name once in log_to, got " + logTo);
        }
        freeze = List.copyOf(freeze);
        boolean named = !devices.matches("\\d+");
        DeviceName.requireSeveral(devices);
        if (!new DeviceName(device).equals(DeviceName.AUTO) && named) {
            throw new IllegalArgumentException(
                    "expected device or the names of devices, got both: " + device + " and " + devices);
        }
        unfreeze = List.copyOf(unfreeze);
        lrScale = factors("lr_scale", lrScale);
        decayScale = factors("decay_scale", decayScale);
        if (!(layerDecay > 0 && layerDecay <= 1)) {
            throw new IllegalArgumentException("expected layer_decay above 0 and at most 1, got " + layerDecay);
        }
        atLeastOne("epochs", epochs);
        atLeastOne("batch_size", batchSize);
        atLeastOne("accumulation_steps", accumulationSteps);
        positive("agc", agc);
        positive("clip_value", clipValue);
        positive("clip_norm", clipNorm);
        positive("l1_penalty", l1Penalty);
        if (emaDecay.isPresent() && !(emaDecay.getAsDouble() >= 0 && emaDecay.getAsDouble() < 1)) {
            throw new IllegalArgumentException("expected ema_decay from 0 to below 1, got " + emaDecay.getAsDouble());
        }
        if (emaDecay.isPresent() && swa.isPresent()) {
            throw new IllegalArgumentException("expected ema_decay or swa, got both");
        }
        if (swa.isPresent() && swa.get().firstEpoch(epochs) >= epochs) {
            throw new IllegalArgumentException("expected swa.start of at most the " + epochs + " epochs, got "
                    + swa.get().start());
        }
        atLeastOne("patience", patience.orElse(1));
        atLeastOne("checkpoint_every", checkpointEvery.orElse(1));
        atLeastOne("val_every", valEvery);
        if (maxTime.isPresent() && maxTime.get().isZero()) {
            throw new IllegalArgumentException("expected max_time above 0s, got 0s");
        }
        share("limit_train_batches", limitTrainBatches);
        share("limit_val_batches", limitValBatches);
        share("overfit_batches", overfitBatches);
        if (overfitBatches.isPresent()
                && (fastDevRun || limitTrainBatches.isPresent() || limitValBatches.isPresent())) {
            throw new IllegalArgumentException("expected overfit_batches, or limit_train_batches, limit_val_batches and"
                    + " fast_dev_run, got both");
        }
        requireUnfreezing(epochs, freeze, unfreeze);
    }

    private static void requireUnfreezing(int epochs, List<String> freeze, List<Unfreeze> unfreeze) {
        if (freeze.isEmpty() && !unfreeze.isEmpty()) {
            throw new IllegalArgumentException("expected freeze beside unfreeze, got none");
        }
        for (Unfreeze later : unfreeze) {
            if (later.epoch() > epochs) {
                throw new IllegalArgumentException(
                        "expected unfreeze in an epoch of at most the " + epochs + " epochs, got " + later.epoch());
            }
        }
    }

    /** Returns how many epochs are gone through at most. */
    public int lastEpoch() {
        return fastDevRun ? 1 : epochs;
    }

    /**
     * Returns whether an epoch ends with a validation.
     *
     * @param epoch from 0 on
     */
    public boolean isValidated(int epoch) {
        return (epoch + 1) % valEvery == 0 || epoch + 1 >= lastEpoch();
    }

    private static void share(String key, OptionalDouble share) {
        double value = share.orElse(1);
        if (!(value > 0 && value <= Integer.MAX_VALUE) || (value >= 1 && value != Math.rint(value))) {
            throw new IllegalArgumentException(
                    "expected " + key + " as a share of the batches below 1 or as their number, got " + value);
        }
    }

    /**
     * Returns the devices that batches are shared by.
     *
     * @return at least one; the first holds the weights
     * @throws IllegalArgumentException if one is not there
     */
    public List<Device> devicesHere() {
        try {
            return new DeviceName(device).devices(devices);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    (devices.equals("1") ? "train.device: " : "train.devices: ") + e.getMessage(), e);
        }
    }

    private static Map<String, Double> factors(String key, Map<String, Double> factors) {
        if (factors.values().stream().anyMatch(factor -> !(factor >= 0))) {
            throw new IllegalArgumentException("expected factors of at least 0 in " + key + ", got " + factors);
        }
        return Collections.unmodifiableMap(new LinkedHashMap<>(factors));
    }

    private static void atLeastOne(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("expected " + key + " of at least 1, got " + value);
        }
    }

    private static void positive(String key, OptionalDouble value) {
        if (value.isPresent() && !(value.getAsDouble() > 0)) {
            throw new IllegalArgumentException("expected " + key + " above 0, got " + value.getAsDouble());
        }
    }
}
