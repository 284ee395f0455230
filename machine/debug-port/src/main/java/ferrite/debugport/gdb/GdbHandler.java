package ferrite.debugport.gdb;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import ferrite.hardware.debug.DebugTarget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection of a GDB client: frames, acknowledgements, and the way to the machine's thread and back.
 *
 * <p>At most one packet is under way. The next one is taken only after the answer was written to the socket, so a
 * client that sends without reading blocks itself. The interrupt character is served at once. A packet that only looks
 * at a machine that stands still is answered on the port's thread. All fields belong to the port's thread, except
 * {@link #session}, which belongs to the thread that has the turn.
 */
public final class GdbHandler extends ByteToMessageDecoder {

    /** The clients at one machine, for all connections of a port. */
    public static final class Clients {

        private final GdbServer server;
        private final AtomicInteger arrivals = new AtomicInteger();

        public Clients(DebugTarget target) {
            server = new GdbServer(target);
        }

        /** Prepares for the first client. Called on the thread that holds the turn. */
        public void prepare() {
            server.prepare();
        }

        /** Returns the number of clients so far. Any thread may call this. */
        public int arrivals() {
            return arrivals.get();
        }

        /** Tells the clients that the run has ended. Called on the thread that holds the turn. */
        public void ended(int status) {
            server.ended(status);
        }
    }

    private static final String TOO_MANY = Packets.error("two debuggers are attached to this machine already; "
            + "end one of them and try again");

    /** The time in which a machine that runs goes on, between two pieces of an answer. */
    private static final int PAUSE_MILLIS = 1;

    private final Clients clients;
    private final Executor machine;
    private final boolean mayControl;
    private final PacketReader reader = new PacketReader();
    private GdbSession session;
    private boolean busy;
    private boolean noAck;
    private String lastSent = "";
    /** Whether an interrupt is posted that the machine has not taken. */
    private final AtomicBoolean interrupting = new AtomicBoolean();

    /** @param mayControl whether the client may change the run; otherwise it only reads */
    public GdbHandler(Clients clients, Executor machine, boolean mayControl) {
        this.clients = clients;
        this.machine = machine;
        this.mayControl = mayControl;
        clients.arrivals.incrementAndGet();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        while (in.isReadable() && !ctx.isRemoved()) {
            if ((busy || !ctx.channel().isWritable()) && !isInterrupt(in)) {
                return;
            }
            handle(ctx, reader.next(in));
        }
    }

    /** Tells whether the next byte is the interrupt character, which does not wait for a packet's end. */
    private boolean isInterrupt(ByteBuf in) {
        return reader.isBetweenPackets() && in.getByte(in.readerIndex()) == 0x03;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        super.channelReadComplete(ctx);
        readMore(ctx);
    }

    private void readMore(ChannelHandlerContext ctx) {
        if (!busy || actualReadableBytes() == 0) {
            ctx.read();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        goOn(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        super.userEventTriggered(ctx, event);
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        super.channelInactive(ctx);
        try {
            machine.execute(this::leave);
        } catch (RejectedExecutionException ended) {
            // the run has ended, and the session with it
        }
    }

    private void handle(ChannelHandlerContext ctx, PacketReader.Event event) {
        switch (event) {
            case NEEDS_MORE -> { }
            case INTERRUPT -> interrupt(ctx);
            case NACK -> {
                if (!noAck && !lastSent.isEmpty()) {
                    write(ctx, lastSent);
                }
            }
            case PACKET -> take(ctx, reader.data());
            case BAD_CHECKSUM -> {
                if (noAck) {
                    ctx.close();                       // it would never be sent again
                } else {
                    ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'-'}));
                }
            }
            case TOO_LONG -> {
                write(ctx, Packets.error("the packet is longer than " + PacketReader.MAX_DATA_BYTES + " bytes"));
                ctx.close();
            }
        }
    }

    /** Posts an interrupt, unless one waits already: a client may send many while the machine does not look. */
    private void interrupt(ChannelHandlerContext ctx) {
        if (interrupting.compareAndSet(false, true)) {
            post(ctx, () -> {
                interrupting.set(false);
                if (session != null) {
                    session.interrupt();
                }
            });
        }
    }

    private void take(ChannelHandlerContext ctx, String data) {
        busy = true;
        if (!noAck) {
            ctx.write(Unpooled.wrappedBuffer(new byte[] {'+'}));
        }
        noAck |= data.equals("QStartNoAckMode");
        Runnable work = () -> work(ctx, () -> serve(ctx, data));
        if (!Packets.onlyLooks(data) || !lookNow(work)) {
            post(ctx, work);
        }
    }

    /**
     * Answers a packet at once, if the machine's thread only waits. The first packet opens the session, which must not
     * halt a machine from here. Returns whether it did.
     */
    private boolean lookNow(Runnable work) {
        boolean[] looks = new boolean[1];
        return clients.server.lookNow(() -> {
            looks[0] = session != null || !clients.server.isRunning();
            if (looks[0]) {
                work.run();
            }
        }) && looks[0];
    }

    /** Has the next piece of a long answer made. */
    private void goOnServing(ChannelHandlerContext ctx) {
        if (ctx.channel().isActive()) {
            post(ctx, () -> work(ctx, () -> {
                if (session != null) {
                    session.goOn();
                }
            }));
        }
    }

    private void post(ChannelHandlerContext ctx, Runnable request) {
        try {
            machine.execute(request);
        } catch (RejectedExecutionException ended) {
            ctx.flush();
            ctx.close();
        }
    }

    // ---- the thread that has the turn ----

    /** Serves a packet, or a piece of one. A machine that runs has some time before the next piece. */
    private void work(ChannelHandlerContext ctx, Runnable service) {
        try {
            service.run();
        } finally {
            if (session == null || !session.goesOn()) {
                onPort(ctx, () -> done(ctx));
            } else if (clients.server.isRunning()) {
                onPort(ctx, () -> ctx.executor().schedule(() -> goOnServing(ctx), PAUSE_MILLIS, MILLISECONDS));
            } else {
                onPort(ctx, () -> goOnServing(ctx));
            }
        }
    }

    private void serve(ChannelHandlerContext ctx, String data) {
        if (session == null) {
            session = clients.server.open(packet -> onPort(ctx, () -> write(ctx, packet)), mayControl);
        }
        if (session == null) {
            onPort(ctx, () -> {
                write(ctx, TOO_MANY);
                ctx.close();
            });
            return;
        }
        session.packet(data);
    }

    private void leave() {
        if (session != null) {
            clients.server.close(session);
            session = null;
        }
    }

    private static void onPort(ChannelHandlerContext ctx, Runnable task) {
        try {
            ctx.executor().execute(task);
        } catch (RejectedExecutionException portWasClosed) {
            // no client is left to read it
        }
    }

    // ---- the port's thread ----

    private void write(ChannelHandlerContext ctx, String data) {
        lastSent = data;
        ctx.writeAndFlush(PacketWriter.packet(data));
    }

    private void done(ChannelHandlerContext ctx) {
        busy = false;
        ctx.flush();
        goOn(ctx);
    }

    /** Takes the next packet, unless the client has not read the answers to the earlier ones. */
    private void goOn(ChannelHandlerContext ctx) {
        if (!ctx.isRemoved() && !busy && ctx.channel().isWritable()) {
            try {
                channelRead(ctx, Unpooled.EMPTY_BUFFER);
            } catch (Exception e) {
                ctx.fireExceptionCaught(e);
            }
            readMore(ctx);
        }
    }
}
