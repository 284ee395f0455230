package ferrite.debugport.gdb;

/** The packets g, G, p and P. */
final class RegisterPackets implements PacketHandler {

    private static final String THREAD_SUFFIX = ";thread:";

    private final GdbThreads threads;
    private final GdbSession session;

    RegisterPackets(GdbThreads threads, GdbSession session) {
        this.threads = threads;
        this.session = session;
    }

    @Override
    public String answer(String data) throws PacketException {
        String packet = withoutSuffix(data);
        if (packet.isEmpty()) {
            return null;
        }
        GdbThread thread = thread(data);
        switch (packet.charAt(0)) {
            case 'g' -> {
                return readAll(thread);
            }
            case 'G' -> {
                writeAll(thread, packet.substring(1));
                return "OK";
            }
            case 'p' -> {
                return thread.register(Packets.length(packet.substring(1)));
            }
            case 'P' -> {
                int equals = packet.indexOf('=');
                if (equals < 0) {
                    throw new PacketException("'P' needs a register, '=' and a value");
                }
                session.requireControl();
                session.changesRegisters();
                thread.setRegister(Packets.length(packet.substring(1, equals)),
                        Packets.word(packet.substring(equals + 1)));
                return "OK";
            }
            default -> {
                return null;
            }
        }
    }

    private static String readAll(GdbThread thread) throws PacketException {
        StringBuilder text = new StringBuilder(8 * GdbRegisters.GENERAL);
        for (int number = 0; number < GdbRegisters.GENERAL; number++) {
            text.append(thread.register(number));
        }
        return text.toString();
    }

    private void writeAll(GdbThread thread, String hex) throws PacketException {
        if (hex.length() < 8 * GdbRegisters.GENERAL) {
            throw new PacketException("'G' needs " + GdbRegisters.GENERAL + " registers");
        }
        session.requireControl();
        session.changesRegisters();
        for (int number = 0; number < GdbRegisters.GENERAL; number++) {
            thread.setRegister(number, Packets.word(hex.substring(8 * number, 8 * number + 8)));
        }
    }

    /** Returns the thread of LLDB's thread suffix, or the selected one. */
    private GdbThread thread(String data) throws PacketException {
        int suffix = data.indexOf(THREAD_SUFFIX);
        return suffix < 0 ? session.selected()
                : threads.find(data.substring(suffix + THREAD_SUFFIX.length()).replace(";", ""), session.selected());
    }

    private static String withoutSuffix(String data) {
        int suffix = data.indexOf(THREAD_SUFFIX);
        return suffix < 0 ? data : data.substring(0, suffix);
    }
}
