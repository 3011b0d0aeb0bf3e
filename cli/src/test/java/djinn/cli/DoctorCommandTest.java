package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

class DoctorCommandTest {

    @Test
    void allPartsAreTold() {
        List<Map<String, String>> parts = Answer.of("doctor", "--json")
                .out()
                .lines()
                .map(line -> JsonMapper.shared().readValue(line, new TypeReference<Map<String, String>>() {}))
                .toList();

        assertThat(parts)
                .extracting(part -> part.get("name"))
                .containsExactly(
                        "Java",
                        "file names",
                        "memory",
                        "PyTorch",
                        "convolutions",
                        "bf16",
                        "ONNX Runtime",
                        "JPEG decoder",
                        "pictures",
                        "downloads",
                        "extensions");
        assertThat(parts)
                .filteredOn(part ->
                        List.of("PyTorch", "convolutions", "ONNX Runtime").contains(part.get("name")))
                .extracting(part -> part.get("state"))
                .doesNotContain("bad");
        assertThat(parts)
                .filteredOn(part -> part.get("name").equals("bf16"))
                .allSatisfy(part -> assertThat(part.get("found"))
                        .matches("a product of (\\d+)x\\1 matrices takes [\\d.]+ ms in fp32, [\\d.]+ ms in bf16"));
        assertThat(parts)
                .filteredOn(part -> !part.get("state").equals("ok"))
                .allSatisfy(part -> assertThat(part.get("advice")).isNotEmpty());
    }
}
