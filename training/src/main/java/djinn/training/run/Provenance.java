package djinn.training.run;

import ai.djl.engine.Engine;
import djinn.config.RecipeException;
import djinn.config.RecordBinder;
import djinn.config.Yaml;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.ops.Default;
import djinn.ops.DeviceName;
import djinn.ops.PyTorch;
import djinn.training.Task;
import djinn.training.recipe.Change;
import djinn.training.recipe.Recipe;
import djinn.zoo.weights.WeightSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What made a run: {@code provenance.yaml} in its folder.
 *
 * @param djinn the version
 * @param commit of the source that was built; {@code unknown} if that was no git checkout
 * @param djl the version
 * @param engine its name and version
 * @param java the version
 * @param os the system and its architecture
 * @param threads how many an operation of the engine used at last, which decides the last digits
 * @param devices what it was trained on at last, separated by commas
 * @param dataFingerprint of the data's names and labels, as they are since the last change
 * @param weightsDigest of the file the run began with
 * @param changes what was changed when the run was resumed, in its order
 */
public record Provenance(
        String djinn,
        @Default("unknown") String commit,
        String djl,
        String engine,
        String java,
        String os,
        int threads,
        @Default("cpu") String devices,
        String dataFingerprint,
        Optional<String> weightsDigest,
        @Default("[]") List<Resumption> changes) {

    private static final RecordBinder BINDER = new RecordBinder(Map.of());

    /**
     * A key that was changed.
     *
     * @param at when
     * @param step the steps done before
     * @param key of the recipe
     * @param before its value
     * @param after its value
     */
    public record Resumption(String at, long step, String key, String before, String after) {}

    /** Copies the changes. */
    public Provenance {
        changes = List.copyOf(changes);
    }

    /** Returns what makes a new run. */
    public static Provenance of(Recipe recipe, Task<?> task) {
        Engine own = PyTorch.engine();
        return new Provenance(
                Build.version(),
                Build.commit(),
                Engine.getDjlVersion(),
                own.getEngineName() + " " + own.getVersion(),
                Runtime.version().toString(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                PyTorch.threads(),
                DeviceName.words(recipe.train().devicesHere()),
                task.dataFingerprint(),
                recipe.startingWeights().map(Provenance::digest),
                List.of());
    }

    /** Reads a run's; empty if there is none, or one that is no longer readable. */
    public static Optional<Provenance> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(BINDER.bind(Yaml.read(file), Provenance.class));
        } catch (RecipeException e) {
            return Optional.empty();
        }
    }

    /** The same run, resumed with changes and perhaps other threads, devices and data. */
    public Provenance with(
            String at, long step, List<Change> more, int threadsNow, String devicesNow, String fingerprint) {
        List<Resumption> all = new ArrayList<>(changes);
        more.forEach(change -> all.add(new Resumption(at, step, change.key(), change.before(), change.after())));
        return new Provenance(
                djinn, commit, djl, engine, java, os, threadsNow, devicesNow, fingerprint, weightsDigest, all);
    }

    /** Writes it, the file replaced when it is complete. */
    public void write(Path file) {
        AtomicFile.writeText(file, toYaml());
    }

    /** Returns it as YAML. */
    public String toYaml() {
        return BINDER.write(this);
    }

    /** Returns the digest of a file of weights. */
    public static String digest(String source) {
        Path file = WeightSource.resolve(source, (done, total) -> {});
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return "sha256:" + HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new DataException(
                    file + ": expected weights to start from, and they cannot be read: " + AtomicFile.reason(e), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
