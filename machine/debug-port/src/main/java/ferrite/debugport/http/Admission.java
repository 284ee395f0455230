package ferrite.debugport.http;

import ferrite.debugport.pipeline.Origin;
import ferrite.debugport.pipeline.Tokens;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The conditions that every request meets before its path counts.
 *
 * <p>A page in a browser must not reach the port. Its script can send requests to {@code 127.0.0.1} (cross-site
 * requests); then {@code Origin} or {@code Sec-Fetch-Site} betrays it. It can also let its own host name resolve to
 * 127.0.0.1 (DNS rebinding); then {@code Host} betrays it. So {@code Host} must be a name of this port, and an
 * {@code Origin} must be the same host and port.
 */
final class Admission {

    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9a-fA-F:.]{2,45}]|[^\\[\\]:/?#@\\s]{1,253})"
            + "(?::([0-9]{1,5}))?");
    private static final String BEARER = "bearer ";

    private final String origin;
    private final String host;
    private final Tokens tokens;

    /**
     * @param scheme the start of the port's URLs: http or https
     * @param host   a further name of the port's host, or null
     * @param tokens compares the token that each request must have; null if none is needed
     */
    Admission(String scheme, String host, Tokens tokens) {
        this.origin = scheme + "://";
        this.host = host;
        this.tokens = tokens;
    }

    /** Returns how long the answer has to wait because of a wrong token from this origin, in milliseconds. */
    long delayMillis(HttpRequest request, Origin from) {
        return tokens == null || given(request) == null ? 0 : tokens.delayMillis(from);
    }

    /** Returns the refusal of a request, or null if it may be answered. */
    Refusal refusal(HttpRequest request, SocketAddress local, Origin from) {
        if (request.decoderResult().isFailure()) {
            return malformed(request.decoderResult().cause());
        }
        HttpHeaders headers = request.headers();
        if (!request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            return Refusal.closing(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED,
                    "this port speaks HTTP/1.1 and HTTP/1.0");
        }
        Refusal stranger = strange(request, local);
        if (stranger != null) {
            return stranger;
        }
        if (tokens != null && !isRight(request, from)) {
            return Refusal.closing(HttpResponseStatus.UNAUTHORIZED, "this port needs a token: the header "
                    + "'Authorization: Bearer T' is missing, with the T that the machine was started with");
        }
        if (hasBody(headers)) {
            return Refusal.closing(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                    "no request to this port has a body; send it without Content-Length and Transfer-Encoding");
        }
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            return Refusal.of(HttpResponseStatus.METHOD_NOT_ALLOWED,
                    "the pages of a machine can be read with GET and HEAD, and not be changed");
        }
        return null;
    }

    private static Refusal malformed(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Refusal.closing(HttpResponseStatus.REQUEST_URI_TOO_LONG,
                    "a request line has at most " + HttpEntrance.MAX_LINE_BYTES + " bytes");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Refusal.closing(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                    "the headers of a request have at most " + HttpEntrance.MAX_HEADERS_BYTES + " bytes");
        }
        return Refusal.closing(HttpResponseStatus.BAD_REQUEST, "this is not a request of HTTP/1.1");
    }

    /** Refuses a request that a page of another site may have sent. */
    private Refusal strange(HttpRequest request, SocketAddress local) {
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1 || hosts.isEmpty() && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            return Refusal.closing(HttpResponseStatus.BAD_REQUEST, "a request has one Host header");
        }
        if (!request.uri().startsWith("/") && !request.uri().equals("*")) {
            return Refusal.closing(HttpResponseStatus.BAD_REQUEST,
                    "a request names a path that starts with '/'; this port is no proxy");
        }
        if (!hosts.isEmpty() && !isOurs(hosts.get(0), local)) {
            return Refusal.closing(HttpResponseStatus.FORBIDDEN, "the Host header names another host than this "
                    + "port's; use localhost or the port's address");
        }
        List<String> origins = request.headers().getAll(HttpHeaderNames.ORIGIN);
        boolean isForeign = origins.size() > 1 || origins.size() == 1 && (hosts.isEmpty()
                || !origins.get(0).toLowerCase(Locale.ROOT).equals(origin + hosts.get(0).toLowerCase(Locale.ROOT)));
        String site = request.headers().get("sec-fetch-site", "none").toLowerCase(Locale.ROOT);
        if (isForeign || !site.equals("none") && !site.equals("same-origin")) {
            return Refusal.closing(HttpResponseStatus.FORBIDDEN,
                    "a page of another site sent this request; only programs and this port's own pages may ask");
        }
        return null;
    }

    /** Tells whether a Host header names this port. The port's number is free: a tunnel may change it. */
    private boolean isOurs(String authority, SocketAddress local) {
        Matcher parts = AUTHORITY.matcher(authority);
        if (!parts.matches()) {
            return false;
        }
        String name = parts.group(1);
        if (name.equalsIgnoreCase("localhost") || name.equalsIgnoreCase(host)) {
            return true;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(name);   // null for a name: no look-up
        if (bytes == null) {
            return false;
        }
        try {
            InetAddress address = InetAddress.getByAddress(bytes);
            return address.isLoopbackAddress()
                    || local instanceof InetSocketAddress ours && address.equals(ours.getAddress());
        } catch (UnknownHostException wrongLength) {
            return false;
        }
    }

    private boolean isRight(HttpRequest request, Origin from) {
        byte[] given = given(request);
        return given != null && tokens.isRight(given, from);
    }

    /** Returns the token of a request, or null. Header bytes are read as ISO 8859-1, a token's as UTF-8. */
    private static byte[] given(HttpRequest request) {
        List<String> authorizations = request.headers().getAll(HttpHeaderNames.AUTHORIZATION);
        if (authorizations.size() != 1 || !authorizations.get(0).toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            return null;
        }
        return authorizations.get(0).substring(BEARER.length()).strip().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean hasBody(HttpHeaders headers) {
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        return headers.contains(HttpHeaderNames.TRANSFER_ENCODING) || lengths.size() > 1
                || lengths.size() == 1 && !lengths.get(0).strip().equals("0");
    }
}
