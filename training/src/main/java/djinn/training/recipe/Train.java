package djinn.training.recipe;

import ai.djl.Device;
import djinn.data.ClassWeights;
import djinn.ops.Default;
import djinn.ops.DeviceName;
import djinn.ops.MemoryFormat;
import djinn.ops.Precision;
import djinn.training.track.Tracking;
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
 * @param batchSize examples in a batch
 * @param device what is trained on: cpu, cuda (the first GPU of NVIDIA), cuda:N or mps; auto is the first GPU, or the
 *     processor where there is none
 * @param devices how many share each batch, device being the first; or which, as cuda:0,cuda:2
 * @param accumulationSteps batches whose gradients are added before one step
 * @param scheduleUnit what the schedule counts; in epochs, the rise of a warm-up still moves with every step
 * @param memoryFormat the order of elements in memory, which changes speed and the last digits only
 * @param precision of 2-D convolutions and linear layers in training; validation is in float32
 * @param gradientCheckpointing whether a stack of layers keeps its inputs alone and is computed once more for the
 *     gradients: less memory, more time; of models that say so, a gpt
 * @param agc the largest norm of a unit's gradient in proportion to its weights' (adaptive gradient clipping), the
 *     head's left alone; clipping is done in the order of these three keys
 * @param clipValue the largest size of a gradient's element
 * @param clipNorm the largest global norm of gradients
 * @param l1Penalty the L1 penalty's factor, added to the gradients after clipping
 * @param emaDecay what the moving average of weights keeps in a step; validated and saved as best where given
 * @param swa the equal average of the weights of the last epochs; instead of ema_decay
 * @param classWeights how the loss makes up for rare classes; of losses with one weight per class, left out there
 * @param patience epochs without a better figure of the task's goal before the run stops
 * @param checkpointEvery epochs between checkpoints that are kept
 * @param freeze patterns of parameter names that are not trained, such as {@code features.*}
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
        OptionalInt patience,
        OptionalInt checkpointEvery,
        @Default("[]") List<String> freeze,
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
        lrScale = factors("lr_scale", lrScale);
        decayScale = factors("decay_scale", decayScale);
        if (!(layerDecay > 0 && layerDecay <= 1)) {
            throw new IllegalArgumentException("expected layer_decay above 0 and at most 1, got " + layerDecay);
        }
        if (epochs < 1 || batchSize < 1 || accumulationSteps < 1) {
            throw new IllegalArgumentException("expected epochs, batch_size and accumulation_steps of at least 1, got "
                    + epochs + ", " + batchSize + " and " + accumulationSteps);
        }
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
        if (patience.orElse(1) < 1 || checkpointEvery.orElse(1) < 1) {
            throw new IllegalArgumentException("expected patience and checkpoint_every of at least 1");
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

    private static void positive(String key, OptionalDouble value) {
        if (value.isPresent() && !(value.getAsDouble() > 0)) {
            throw new IllegalArgumentException("expected " + key + " above 0, got " + value.getAsDouble());
        }
    }
}
