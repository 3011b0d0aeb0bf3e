package djinn.zoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import djinn.ops.DataException;
import djinn.ops.PyTorch;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.nn.BatchNorm2d;
import djinn.zoo.nn.Conv2d;
import djinn.zoo.nn.Sequential;
import djinn.zoo.nn.Window;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints as training scripts write them, by PyTorch itself: what they hold, and under which names. */
class CheckpointFilesTest {

    private static final String[] NAMES = {
        "conv.weight", "conv.bias", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"
    };

    @TempDir
    private Path folder;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = PyTorch.newManager();
    }

    @AfterEach
    void close() {
        manager.close();
    }

    private Path file(String resource) throws IOException {
        Path file = folder.resolve(resource.substring(resource.indexOf('/') + 1));
        try (InputStream in = CheckpointFilesTest.class.getResourceAsStream("/" + resource)) {
            Files.copy(in, file);
        }
        return file;
    }

    private WeightFile read(String resource, Preference preference) throws IOException {
        return WeightFile.read(file(resource), manager, preference);
    }

    private static ArrayBlock tiny() {
        Map<String, ArrayBlock> layers = new LinkedHashMap<>();
        layers.put("conv", new Conv2d(1, 2, Window.of(1)));
        layers.put("bn", new BatchNorm2d(2));
        return new Sequential(layers);
    }

    /** The weights under the tiny model's names, and the notes of reading and naming. */
    private Map<String, float[]> named(String resource, Preference preference, List<String> notes) throws IOException {
        WeightFile weights = read(resource, preference);
        NameFit fit = NameFit.of(weights.arrays(), tiny(), List.of(), preference, resource)
                .orElseThrow();
        notes.addAll(weights.notes());
        notes.addAll(fit.notes());
        Map<String, float[]> values = new LinkedHashMap<>();
        for (String name : NAMES) {
            values.put(name, fit.arrays().get(name).toFloatArray());
        }
        assertThat(fit.arrays().get("bn.num_batches_tracked").getDataType()).isEqualTo(DataType.INT64);
        return values;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "C1_legacy_with_optimizer.pth   | the prefix 'module.' is taken off all names",
                "C2_beside_bigint.pth           |",
                "C2_beside_bytes.pth            |",
                "C2_beside_device.pth           |",
                "C2_beside_dtype.pth            |",
                "C2_beside_int16.pth            |",
                "C2_beside_set.pth              |",
                "C2_multisteplr_counter.pth     |",
                "C4_lightning.pth               | the prefix 'model.' is taken off all names",
                "C4_module_prefix.safetensors   | the prefix 'module.' is taken off all names",
                "C4_orig_mod.pth                | '_orig_mod.' is taken out of the names, as a wrapper's",
                "C5_ema_only.pth                | its only weights are averaged ones (EMA), under 'state_dict_ema'"
            })
    void theWeightsAreFoundWhateverStandsBesideOrBeforeThem(String name, String note) throws IOException {
        List<String> notes = new ArrayList<>();
        Map<String, float[]> values = named("cases/" + name, Preference.EMA, notes);
        assertThat(values.get("conv.weight")).containsExactly(-0.006026302f, 0.104178794f);
        assertThat(values.get("conv.bias")).containsExactly(0.79623055f, -0.697785f);
        assertThat(values.get("bn.running_var")).containsExactly(0.90000546f, 0.90157855f);
        assertThat(notes).isEqualTo(note == null ? List.of() : List.of(note));
    }

    @Test
    void expandedTensorsAreWrittenOut() throws IOException {
        Map<String, NDArray> arrays =
                read("cases/C3_expanded_tensor.pth", Preference.EMA).arrays();
        assertThat(arrays).hasSize(8);
        assertThat(arrays.get("mean").toFloatArray()).containsExactly(1, 1, 1, 1);
        assertThat(arrays.get("conv.bias").toFloatArray()).containsExactly(0.79623055f, -0.697785f);
    }

    private static void requirePlain(Map<String, float[]> values, float more) {
        for (int i = 0; i < NAMES.length; i++) {
            assertThat(values.get(NAMES[i])).as(NAMES[i]).containsExactly(10 * i + more, 10 * i + more + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"beside.pth", "beside-legacy.pth", "beside-protocol5.pth"})
    void valuesOfAnyClassBesideTheWeightsArePassedOver(String name) throws IOException {
        List<String> notes = new ArrayList<>();
        requirePlain(named("torch-save/" + name, Preference.EMA, notes), 0);
        assertThat(notes)
                .singleElement()
                .asString()
                .contains("nothing of them was executed", "__main__.Names", "__main__.Config", "__main__.Color");
    }

    @Test
    void theOldFormIsReadUnderAnyProtocol() throws IOException {
        List<String> notes = new ArrayList<>();
        requirePlain(named("torch-save/legacy-protocol4.pth", Preference.EMA, notes), 0);
        assertThat(notes).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "timm.pth           | state_dict_ema    | state_dict | 0",
                "reference.pth      | model_ema         | model      | 2",
                "lightning-ema.ckpt | ema_model.module. | model.     | 2"
            })
    void ofAveragedAndPlainWeightsThePreferredAreTaken(String name, String averaged, String plain, int more)
            throws IOException {
        List<String> notes = new ArrayList<>();
        requirePlain(named("torch-save/" + name, Preference.EMA, notes), 100);
        assertThat(notes)
                .contains("the averaged weights (EMA) under '" + averaged
                        + "' are taken; --prefer plain takes those under '" + plain + "'")
                .hasSize(1 + more);
        Files.delete(folder.resolve(name));
        notes.clear();
        requirePlain(named("torch-save/" + name, Preference.PLAIN, notes), 0);
        assertThat(notes)
                .contains("the plain weights under '" + plain + "' are taken, not the averaged ones (EMA) under '"
                        + averaged + "'");
    }

    @Test
    void whatIsLeftOutIsNamed() throws IOException {
        List<String> notes = new ArrayList<>();
        named("torch-save/lightning-ema.ckpt", Preference.EMA, notes);
        assertThat(notes)
                .contains("left out, for they are none of the model's: ema_model.n_averaged, criterion.weight");
        WeightFile odd = read("torch-save/short.pth", Preference.EMA);
        assertThat(odd.notes()).containsExactly("left out, for they are no tensors: _extra_state");
        assertThat(odd.arrays().get("short").toIntArray()).containsExactly(1, -2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sparse.pth  | 'thin' is a tensor of a kind that cannot be read",
                "two.pth     | it holds several: student, teacher",
                "whole.pth   | a whole pickled __main__.Tiny",
                "hostile.pth | posix.system"
            })
    void whatCannotBeTheWeightsIsRefusedByItsName(String name, String part) throws IOException {
        Path file = file("torch-save/" + name);
        assertThatThrownBy(() -> WeightFile.read(file, manager, Preference.EMA))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(file.toString(), part)
                .message()
                .doesNotContain("\n");
        assertThat(Path.of("hacked")).doesNotExist();
    }

    @Test
    void withoutAModelOnlyWrappersAreTakenOff() throws IOException {
        WeightFile averaged = read("torch-save/reference.pth", Preference.EMA).withoutWrappers();
        assertThat(averaged.arrays()).containsKeys(NAMES).doesNotContainKey("n_averaged");
        assertThat(averaged.notes())
                .endsWith("the prefix 'module.' is taken off all names", "left out, for it is no weight: n_averaged");
        WeightFile lightning = read("cases/C4_lightning.pth", Preference.EMA).withoutWrappers();
        assertThat(lightning.arrays()).containsKey("model.conv.weight");
        assertThat(lightning.notes())
                .containsExactly("all names begin with 'model.'; with --model NAME it is taken off");
    }
}
