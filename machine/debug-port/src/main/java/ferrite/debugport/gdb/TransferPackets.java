package ferrite.debugport.gdb;

import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.debug.DebugTarget;
import java.nio.charset.StandardCharsets;

/** The packets qXfer: documents that are read piece by piece. */
final class TransferPackets implements PacketHandler {

    private static final String PREFIX = "qXfer:";

    private final GdbServer server;
    private final DebugTarget target;
    private final GdbThreads threads;
    /** The document that is being read, so that all its pieces are of one moment. */
    private String document;
    private String documentName = "";

    TransferPackets(GdbServer server, GdbThreads threads) {
        this.server = server;
        this.target = server.target();
        this.threads = threads;
    }

    @Override
    public String answer(String data) throws PacketException {
        if (!data.startsWith(PREFIX)) {
            return null;
        }
        String[] parts = data.substring(PREFIX.length()).split(":", 4);
        if (parts.length < 4 || !parts[1].equals("read")) {
            return UNKNOWN;
        }
        int comma = parts[3].indexOf(',');
        if (comma < 0) {
            throw new PacketException("a piece of a document has an offset and a length");
        }
        int offset = Packets.length(parts[3].substring(0, comma));
        int length = Packets.length(parts[3].substring(comma + 1));
        String name = parts[0] + ":" + parts[2];
        if (offset == 0 || !name.equals(documentName)) {
            document = make(parts[0], parts[2]);
            documentName = name;
        }
        return document == null ? UNKNOWN : piece(document, offset, length);
    }

    private static String piece(String text, int offset, int length) {
        if (offset >= text.length()) {
            return "l";
        }
        int end = (int) Math.min(text.length(), (long) offset + Math.min(length, PacketReader.MAX_DATA_BYTES / 4));
        return (end == text.length() ? "l" : "m") + text.substring(offset, end);
    }

    private String make(String object, String annex) throws PacketException {
        return switch (object) {
            case "features" -> {
                if (!annex.equals("target.xml")) {
                    throw new PacketException("there is no description '" + annex + "'; target.xml has it all");
                }
                yield server.description();
            }
            case "threads" -> utf8(threadList());
            case "memory-map" -> memoryMap();
            case "exec-file" -> {
                if (target.symbols().name().isEmpty()) {
                    throw new PacketException("there is no file with symbols, or not yet");
                }
                yield utf8("/" + target.symbols().name());
            }
            default -> null;
        };
    }

    private static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private String threadList() {
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\"?>\n<threads>\n");
        for (GdbThread thread : threads.all()) {
            xml.append("  <thread id=\"").append(threads.name(thread)).append("\" core=\"")
                    .append(thread.hart().id()).append("\" name=\"").append(escaped(thread.name())).append("\">")
                    .append(escaped(thread.description())).append("</thread>\n");
        }
        return xml.append("</threads>\n").toString();
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    /**
     * Formats the memory map. GDB takes memory that the map lacks for inaccessible, so the gaps are told as RAM:
     * virtual addresses may lie anywhere.
     */
    private String memoryMap() {
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\"?>\n<!DOCTYPE memory-map PUBLIC "
                + "\"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" \"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n"
                + "<memory-map>\n");
        long next = 0;
        for (AddressRange range : target.machine().bus().ranges()) {
            region(xml, next, range.base());
            region(xml, range.base(), range.end());
            next = range.end();
        }
        region(xml, next, 1L << 32);
        return xml.append("</memory-map>\n").toString();
    }

    private static void region(StringBuilder xml, long start, long end) {
        if (start < end) {
            xml.append("  <memory type=\"ram\" start=\"0x").append(Long.toHexString(start)).append("\" length=\"0x")
                    .append(Long.toHexString(end - start)).append("\"/>\n");
        }
    }
}
