package ferrite.debugport.gdb;

import ferrite.hardware.hart.Hart;
import ferrite.hardware.turn.Halt;
import ferrite.hardware.turn.RunControl;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The packets that let the machine run: vCont, c, C, s and S. */
final class RunPackets implements PacketHandler {

    private final GdbSession session;
    private final GdbThreads threads;
    private final RunControl control;
    /** The harts that run, a bit for each, and those of them that step. */
    private int running;
    private int steppers;
    /** The hart that steps now, and the next ones, each of which steps when the one before has. */
    private Hart stepping;
    private final Deque<Hart> nextSteps = new ArrayDeque<>();
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

    /**
     * Resumes each hart by the first action that names it. A hart without one stays halted. Of several harts that are
     * to step, one steps after the other, and the one that the client has selected steps last, so that the stop reply
     * names it.
     */
    private void resume(String[] actions) throws PacketException {
        session.requireControl();
        running = 0;
        steppers = 0;
        interrupted();
        Hart last = null;
        for (HartThread thread : threads.harts()) {
            Hart hart = thread.hart();
            String action = actionFor(thread, actions);
            char verb = action.isEmpty() ? 't' : action.charAt(0);
            switch (verb) {
                case 't' -> { }
                case 'c', 'C' -> running |= 1 << hart.id();
                case 's', 'S', 'r' -> {
                    running |= 1 << hart.id();
                    steppers |= 1 << hart.id();
                    boolean isLast = last == null || hart == session.selected().hart();
                    nextSteps.addAll(last == null ? List.of() : List.of(isLast ? last : hart));
                    if (isLast) {
                        last = hart;
                        setRange(hart, verb == 'r' ? action.substring(1) : null);
                    }
                }
                default -> throw new PacketException("'" + action + "' is no action of vCont");
            }
        }
        if (running == 0) {
            throw new PacketException("no hart is to run; tasks run when their hart does: select the thread of a hart");
        }
        if (last != null) {
            nextSteps.add(last);
        }
        session.resumes();
        stepNext();
    }

    /** Lets the harts run, with the next one of those that step, if there is one. Of these it alone runs. */
    private void stepNext() {
        stepping = nextSteps.poll();
        int harts = stepping == null ? running : running & ~steppers | 1 << stepping.id();
        control.resume(harts == (1 << threads.harts().size()) - 1 ? -1 : harts, stepping);
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
        inRange = null;
        if (range == null) {
            return;
        }
        int comma = range.indexOf(',');
        if (comma < 0) {
            throw new PacketException("a range has two addresses");
        }
        inRange = hart;
        rangeStart = Packets.address(range.substring(0, comma));
        rangeEnd = Packets.address(range.substring(comma + 1));
    }

    /**
     * Goes on stepping if a step has ended inside its range of addresses, or if another hart is to step. A hart that
     * waits for ever does not keep the next one from its step. Returns whether it goes on.
     */
    boolean continuesAfter(Halt halt) {
        boolean stepped = stepping != null && (halt.reason() == Halt.Reason.STEP && halt.hart() == stepping.id()
                || halt.reason() == Halt.Reason.WAITING && !nextSteps.isEmpty());
        if (stepped && stepping == inRange && isInRange()) {
            nextSteps.addFirst(stepping);
        }
        if (!stepped || nextSteps.isEmpty()) {
            interrupted();
            return false;
        }
        stepNext();
        return true;
    }

    private boolean isInRange() {
        long pc = inRange.pc() & 0xffff_ffffL;
        return pc >= rangeStart && pc < rangeEnd;
    }

    /** Ends stepping in a range and by several harts, because the client interrupts. */
    void interrupted() {
        inRange = null;
        nextSteps.clear();
    }
}
