package ferrite.debugport;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

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
    HTTP;

    private static final List<String> HTTP_METHODS = List.of(
            "GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "CONNECT ", "OPTIONS ", "TRACE ", "PATCH ", "PRI ");
    private static final int MAX_START_BYTES = AttachProtocol.NAME.length();

    /**
     * Returns the protocol of a client with these first bytes, or null while they may still become a request or a
     * greeting.
     */
    static Protocol of(ByteBuf said) {
        return switch (said.getByte(said.readerIndex())) {
            case '$', '+', 0x03 -> GDB;
            default -> byFirstWord(start(said));
        };
    }

    private static Protocol byFirstWord(String start) {
        if (start.startsWith(AttachProtocol.NAME)) {
            return ATTACH;
        }
        if (AttachProtocol.NAME.startsWith(start)) {
            return null;
        }
        for (String method : HTTP_METHODS) {
            if (start.startsWith(method)) {
                return HTTP;
            }
            if (method.startsWith(start)) {
                return null;
            }
        }
        return TEXT;
    }

    private static String start(ByteBuf said) {
        int length = Math.min(said.readableBytes(), MAX_START_BYTES);
        return said.toString(said.readerIndex(), length, StandardCharsets.ISO_8859_1);
    }

    /** Formats a sentence that ends a connection for clients of this protocol. */
    String refusal(HttpStatus status, String sentence) {
        return switch (this) {
            case TEXT, ATTACH -> AttachProtocol.ERROR + sentence + "\n";
            case GDB -> "ferrite: " + sentence + "\n"; // this is no packet; a person reads it in the debugger's log
            case HTTP -> status.response(sentence);
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
