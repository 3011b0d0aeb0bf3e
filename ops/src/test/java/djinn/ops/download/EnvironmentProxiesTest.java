package djinn.ops.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvironmentProxiesTest {

    private static final ProxySelector NONE = ProxySelector.of(null);

    private static String chosen(Map<String, String> environment, String url) {
        Proxy proxy = new EnvironmentProxies(environment, NONE)
                .select(URI.create(url))
                .get(0);
        return proxy.type() == Proxy.Type.DIRECT
                ? "direct"
                : ((InetSocketAddress) proxy.address()).getHostString() + ":"
                        + ((InetSocketAddress) proxy.address()).getPort();
    }

    @Test
    void theVariableOfTheSchemeIsTaken() {
        Map<String, String> both = Map.of("HTTPS_PROXY", "http://a:3128", "http_proxy", "b:8080");
        assertThat(chosen(both, "https://huggingface.co/x")).isEqualTo("a:3128");
        assertThat(chosen(both, "http://huggingface.co/x")).isEqualTo("b:8080");
        assertThat(chosen(Map.of("HTTP_PROXY", "b"), "https://huggingface.co/x"))
                .isEqualTo("direct");
        assertThat(chosen(Map.of("HTTPS_PROXY", "http://user:word@c/"), "https://huggingface.co/x"))
                .isEqualTo("c:80");
        assertThat(chosen(Map.of("https_proxy", "http://small:1", "HTTPS_PROXY", "http://large:1"), "https://x.org/"))
                .isEqualTo("small:1");
    }

    @Test
    void excludedHostsAreAskedDirectly() {
        String proxy = "http://a:3128";
        for (String none : new String[] {
            "*", "huggingface.co", ".huggingface.co", "x.org, huggingface.co", "HuggingFace.co:443", "*.huggingface.co"
        }) {
            Map<String, String> environment = Map.of("HTTPS_PROXY", proxy, "NO_PROXY", none);
            assertThat(chosen(environment, "https://huggingface.co/x")).as(none).isEqualTo("direct");
            assertThat(chosen(environment, "https://cdn.huggingface.co/x"))
                    .as(none)
                    .isEqualTo("direct");
        }
        for (String none : new String[] {"", "face.co", "huggingface.co:80", "ggingface.co", "co.uk"}) {
            Map<String, String> environment = Map.of("HTTPS_PROXY", proxy, "no_proxy", none);
            assertThat(chosen(environment, "https://huggingface.co/x")).as(none).isEqualTo("a:3128");
        }
    }

    @Test
    void javasOwnProxyComesFirst() {
        ProxySelector javas = ProxySelector.of(InetSocketAddress.createUnresolved("java", 81));
        var proxies = new EnvironmentProxies(Map.of("HTTPS_PROXY", "http://a:3128"), javas);
        assertThat(proxies.select(URI.create("https://x.org/")).get(0).address())
                .hasToString("java/<unresolved>:81");
    }

    @Test
    void aProxyThatCannotBeUsedIsNamedWithoutItsPassword() {
        for (String value : new String[] {"socks5://a:1080", "http://user:pass word@a", "https://a"}) {
            assertThatThrownBy(() -> chosen(Map.of("HTTPS_PROXY", value), "https://x.org/"))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("HTTPS_PROXY")
                    .hasMessageNotContaining("pass word");
        }
    }
}
