package ferrite.debugport;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The protocols of clients, and how their first bytes identify them. */
enum Protocol {
    /** Lines for the monitor: anything that is no other protocol. */
    TEXT,
    /** A client that attaches to the machine's prompt. */
    ATTACH,
    /** The GDB remote protocol: a packet, an acknowledgement, or the interrupt character. */
    GDB,
    /**
     * HTTP. A request is never taken for lines of text. This also keeps a page in a browser from having its form's body
     * run as commands.
     */
    HTTP,
    /** HTTP/2 without TLS (RFC 9113, section 3.4). */
    HTTP2("this port speaks HTTP/1.1, and a client has to ask for that, as curl --http1.1 does"),
    /** A handshake of TLS on a port without TLS, or inside of TLS. */
    TLS("this port speaks no TLS; --debug-tls has it speak TLS"),
    SSH("this port speaks no SSH; 'ferrite attach HOST:PORT' gives a prompt, and 'ssh -L' forwards the port"),
    /** A debugger for Java. */
    JDWP("this is the machine's debug port; a Java debugger attaches to the port of --jdwp");

    /** The content type of a handshake record of TLS (RFC 8446, section 5.1). */
    static final int TLS_HANDSHAKE = 22;

    private static final Map<String, Protocol> FIRST_WORDS = new LinkedHashMap<>();

    static {
        FIRST_WORDS.put(AttachProtocol.NAME, ATTACH);
        FIRST_WORDS.put("PRI * HTTP/2.0", HTTP2);
        FIRST_WORDS.put("SSH-", SSH);
        FIRST_WORDS.put("JDWP-Handshake", JDWP);
        for (String method : List.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")) {
            FIRST_WORDS.put(method + " ", HTTP);
        }
    }

    private static final int MAX_START_BYTES = FIRST_WORDS.keySet().stream().mapToInt(String::length).max().orElse(0);

    /** The reason why no port serves a client of this protocol; null if ports serve it. */
    private final String unserved;

    Protocol() {
        this(null);
    }

    Protocol(String unserved) {
        this.unserved = unserved;
    }

    /**
     * Returns the protocol of a client with these first bytes, or null while they may still become a request or a
     * greeting.
     */
    static Protocol of(ByteBuf said) {
        return switch (said.getByte(said.readerIndex())) {
            case '$', '+', 0x03 -> GDB;
            case TLS_HANDSHAKE -> TLS;
            default -> byFirstWord(start(said));
        };
    }

    private static Protocol byFirstWord(String start) {
        for (Map.Entry<String, Protocol> word : FIRST_WORDS.entrySet()) {
            if (start.startsWith(word.getKey())) {
                return word.getValue();
            }
            if (word.getKey().startsWith(start)) {
                return null;
            }
        }
        return TEXT;
    }

    private static String start(ByteBuf said) {
        int length = Math.min(said.readableBytes(), MAX_START_BYTES);
        return said.toString(said.readerIndex(), length, StandardCharsets.ISO_8859_1);
    }

    /**
     * Encodes a sentence that ends a connection, for clients of this protocol. A protocol that no port serves has a
     * sentence of its own.
     */
    byte[] refusal(HttpStatus status, String reason) {
        String sentence = unserved == null ? reason : unserved;
        String line = AttachProtocol.ERROR + sentence + "\n";
        return switch (this) {
            case TEXT, ATTACH, JDWP -> line.getBytes(StandardCharsets.UTF_8);
            case GDB -> ForeignWords.gdbError(sentence);
            case HTTP -> status.response(sentence).getBytes(StandardCharsets.UTF_8);
            case HTTP2 -> ForeignWords.goAway(sentence);
            case TLS -> ForeignWords.alert(line);
            case SSH -> ForeignWords.disconnect(sentence);
        };
    }

    /** The statuses of answers to HTTP clients that are not served. */
    enum HttpStatus {
        BAD_REQUEST("400 Bad Request"),
        UNAUTHORIZED("401 Unauthorized"),
        NOT_IMPLEMENTED("501 Not Implemented"),
        UNAVAILABLE("503 Service Unavailable");

        private final String line;

        HttpStatus(String line) {
            this.line = line;
        }

        private String response(String sentence) {
            String body = sentence + "\n";
            return "HTTP/1.1 " + line + "\r\n"
                    + "Content-Type: text/plain; charset=utf-8\r\n"
                    + "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n"
                    + "Connection: close\r\n\r\n" + body;
        }
    }
}
