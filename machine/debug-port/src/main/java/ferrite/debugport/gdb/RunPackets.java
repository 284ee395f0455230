package ferrite.debugport.gdb;

import ferrite.hardware.hart.Hart;
import ferrite.hardware.turn.Halt;
import ferrite.hardware.turn.RunControl;

/** The packets that let the machine run: vCont, c, C, s and S. */
final class RunPackets implements PacketHandler {

    private final GdbSession session;
    private final GdbThreads threads;
    private final RunControl control;
    private int harts;
    /** The hart that steps through a range of addresses, or null. */
    private Hart inRange;
    private long rangeStart;
    private long rangeEnd;

    RunPackets(GdbSession session, GdbThreads threads, RunControl control) {
        this.session = session;
        this.threads = threads;
        this.control = control;
    }

    @Override
    public String answer(String data) throws PacketException {
        if (data.equals("vCont?")) {
            return "vCont;c;C;s;S;t;r";
        }
        if (data.startsWith("vCont;")) {
            resume(data.substring("vCont;".length()).split(";"));
            return NO_REPLY;
        }
        switch (data.charAt(0)) {
            case 'c', 's' -> {
                return resumeAt(data.charAt(0), data.substring(1));
            }
            case 'C', 'S' -> {
                int semicolon = data.indexOf(';');
                return resumeAt(Character.toLowerCase(data.charAt(0)),
                        semicolon < 0 ? "" : data.substring(semicolon + 1));
            }
            default -> {
                return null;
            }
        }
    }

    /** Resumes as the old packets do: all harts run, and {@code s} steps the selected one. */
    private String resumeAt(char action, String address) throws PacketException {
        GdbThread thread = session.threadForControl();
        if (!address.isEmpty()) {
            session.requireControl();
            session.changesRegisters();
            thread.setRegister(GdbRegisters.PC, (int) Packets.address(address));
        }
        resume(action == 'c' ? new String[] {"c"} : new String[] {"s:" + threads.name(thread), "c"});
        return NO_REPLY;
    }

    /** Resumes each hart by the first action that names it. A hart without one stays halted. */
    private void resume(String[] actions) throws PacketException {
        session.requireControl();
        int running = 0;
        Hart stepping = null;
        inRange = null;
        for (HartThread thread : threads.harts()) {
            Hart hart = thread.hart();
            String action = actionFor(thread, actions);
            char verb = action.isEmpty() ? 't' : action.charAt(0);
            switch (verb) {
                case 't' -> { }
                case 'c', 'C' -> running |= 1 << hart.id();
                case 's', 'S', 'r' -> {
                    running |= 1 << hart.id();
                    stepping = stepping == null ? hart : stepping;
                    if (verb == 'r') {
                        setRange(hart, action.substring(1));
                    }
                }
                default -> throw new PacketException("'" + action + "' is no action of vCont");
            }
        }
        if (running == 0) {
            throw new PacketException("no hart is to run; tasks run when their hart does: select the thread of a hart");
        }
        harts = running;
        session.resumes();
        control.resume(running == (1 << threads.harts().size()) - 1 ? -1 : running, stepping);
    }

    private String actionFor(HartThread hart, String[] actions) throws PacketException {
        for (String action : actions) {
            int colon = action.indexOf(':');
            if (colon < 0 || threads.parse(action.substring(colon + 1)).includes(hart)) {
                return colon < 0 ? action : action.substring(0, colon);
            }
        }
        return "";
    }

    private void setRange(Hart hart, String range) throws PacketException {
        int comma = range.indexOf(',');
        if (comma < 0) {
            throw new PacketException("a range has two addresses");
        }
        inRange = hart;
        rangeStart = Packets.address(range.substring(0, comma));
        rangeEnd = Packets.address(range.substring(comma + 1));
    }

    /** Goes on stepping if a step has ended inside its range of addresses. Returns whether it does. */
    boolean continuesInRange(Halt halt) {
        if (inRange == null || halt.reason() != Halt.Reason.STEP || halt.hart() != inRange.id()) {
            inRange = null;
            return false;
        }
        long pc = inRange.pc() & 0xffff_ffffL;
        boolean inside = pc >= rangeStart && pc < rangeEnd;
        if (inside) {
            control.resume(harts == (1 << threads.harts().size()) - 1 ? -1 : harts, inRange);
        } else {
            inRange = null;
        }
        return inside;
    }

    /** Ends stepping in a range, because the client interrupts. */
    void leaveRange() {
        inRange = null;
    }
}
