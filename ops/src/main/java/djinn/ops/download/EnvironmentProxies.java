package djinn.ops.download;

import djinn.ops.DataException;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The proxy that Java is set to use, else the one that {@code HTTPS_PROXY} or {@code HTTP_PROXY} name, unless
 * {@code NO_PROXY} excludes the host; as pip and curl have it, in small letters too.
 *
 * <p>{@code NO_PROXY} is a list with commas: hosts, which stand for their subdomains too, with or without a leading dot
 * and a port, or {@code *}.
 */
public final class EnvironmentProxies extends ProxySelector {

    private final Map<String, String> environment;
    private final ProxySelector first;

    /** Returns the proxies of this process. */
    public static EnvironmentProxies ofProcess() {
        return new EnvironmentProxies(System.getenv(), ProxySelector.getDefault());
    }

    /** Asks the first selector, and the environment where that answers with no proxy. */
    public EnvironmentProxies(Map<String, String> environment, ProxySelector first) {
        this.environment = Map.copyOf(environment);
        this.first = first;
    }

    @Override
    public List<Proxy> select(URI uri) {
        List<Proxy> javas = first == null ? List.of(Proxy.NO_PROXY) : first.select(uri);
        boolean set = System.getProperty(uri.getScheme() + ".proxyHost") != null;
        if (set || javas.stream().anyMatch(proxy -> proxy.type() != Proxy.Type.DIRECT)) {
            return javas;
        }
        return excluded(uri)
                ? List.of(Proxy.NO_PROXY)
                : proxy(uri.getScheme())
                        .map(proxy ->
                                List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(host(proxy), port(proxy)))))
                        .orElse(List.of(Proxy.NO_PROXY));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException e) {
        if (first != null) {
            first.connectFailed(uri, address, e);
        }
    }

    /** Answers a proxy that asks with the user and password that its variable holds. */
    Authenticator authenticator() {
        return new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                if (getRequestorType() != RequestorType.PROXY) {
                    return null;
                }
                return List.of("https", "http").stream()
                        .flatMap(scheme -> proxy(scheme).stream())
                        .filter(proxy -> host(proxy).equalsIgnoreCase(getRequestingHost())
                                && port(proxy) == getRequestingPort()
                                && proxy.getUserInfo() != null)
                        .findFirst()
                        .map(proxy -> {
                            String[] user = proxy.getUserInfo().split(":", 2);
                            return new PasswordAuthentication(user[0], (user.length < 2 ? "" : user[1]).toCharArray());
                        })
                        .orElse(null);
            }
        };
    }

    private Optional<URI> proxy(String scheme) {
        String variable = scheme + "_proxy";
        String value = variable(variable);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        String name = variable.toUpperCase(Locale.ROOT);
        try {
            URI proxy = new URI(value.contains("://") ? value : "http://" + value);
            if ("http".equals(proxy.getScheme()) && proxy.getHost() != null) {
                return Optional.of(proxy);
            }
        } catch (URISyntaxException e) {
            // answered below; the value is not shown, for it may hold a password
        }
        throw new DataException("expected the environment's " + name
                + " to be like http://host:port or http://user:password@host:port, it is not; correct or unset it");
    }

    private static String host(URI proxy) {
        return proxy.getHost().replaceAll("[\\[\\]]", "");
    }

    private static int port(URI proxy) {
        return proxy.getPort() < 0 ? 80 : proxy.getPort();
    }

    private boolean excluded(URI uri) {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        int port = uri.getPort() < 0 ? (uri.getScheme().equals("https") ? 443 : 80) : uri.getPort();
        for (String word : variable("no_proxy").toLowerCase(Locale.ROOT).split("[\\s,]+", -1)) {
            String plain = word.endsWith(":" + port) ? word.substring(0, word.lastIndexOf(':')) : word;
            String domain = plain.replaceFirst("^\\*?\\.", "");
            boolean names = !domain.isEmpty() && (host.equals(domain) || host.endsWith("." + domain));
            if (word.equals("*") || names) {
                return true;
            }
        }
        return false;
    }

    private String variable(String small) {
        String value = environment.getOrDefault(small, "");
        return (value.isEmpty() ? environment.getOrDefault(small.toUpperCase(Locale.ROOT), "") : value).strip();
    }
}
