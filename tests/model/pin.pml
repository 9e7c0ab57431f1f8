/* The PIN's way, as ARCHITECTURE.md tells it, among all that can come between: a driver that logs in and signs, a
 * card, a rival program that selects, resets and holds transactions, and a hand that pulls the card. Spin walks all
 * interleavings. tests/model/check.py runs it; RESEND and the others below are mistakes that it has to find.
 *
 * Bounds: three PINs submitted, two signatures after each login, two pulls, two turns of the rival. A PIN has three
 * tries.
 */

#define PINS 3
#define SIGNATURES 2
#define PULLS 2
#define TURNS 2
#define TRIES 3

mtype = { nobody, driver, rival };       /* whose transaction it is */
mtype = { nothing, ours, theirs };       /* the application that is selected */

/* The card and its reader. */
bool present = true;
byte insertion = 0;
mtype transaction = nobody;
mtype selected = nothing;
byte tries = TRIES;
bool verified = false;
bool reset_untold = false;               /* PC/SC owes the driver a word */

/* What is to be proven, counted where it happens: on the card. */
byte submitted = 0, wrong = 0;           /* PINs that the application gave in a call; those that were wrong */
byte sent = 0;                           /* VERIFY with a body that reached a card */
byte sent_in_call = 0;
bool in_call = false;
byte signed_insertion = 0;

inline see_pin(right) {
  assert(in_call);                       /* never once its call has returned */
  assert(selected == ours);              /* never to another application's file */
  sent++;
  sent_in_call++;
  assert(sent <= submitted);
  assert(sent_in_call <= 1);             /* never twice, whatever became of the answer */
  if
  :: right -> tries = TRIES; verified = true
  :: !right -> tries--; verified = false
  fi;
  assert(TRIES - tries <= wrong)         /* nobody's mistake costs a try but the user's */
}

active proctype Driver() {
  bool right, link = false, logged_in = false, accepted;
  byte link_insertion = 0, login_insertion = 0, signatures;

  do
  :: submitted == PINS -> break
  :: else ->
     /* C_Login: the application gives a PIN. */
     atomic {
       in_call = true; sent_in_call = 0; accepted = false; submitted++;
       if :: right = true :: right = false; wrong++ fi
     }
again:
     /* A link; where there is none, a new one. The first thing told is a reset. */
     atomic {
       if
       :: !link && present -> link = true; link_insertion = insertion; reset_untold = false
       :: !link && !present -> goto returns
       :: link && (!present || link_insertion != insertion) -> link = false; logged_in = false; goto returns
       :: else -> skip
       fi
     }
#ifdef NO_TRANSACTION
     skip;
#else
     /* The transaction of a rival is waited for, but not for ever. */
     if
     :: atomic { transaction == nobody -> transaction = driver }
#ifdef LATE
     :: in_call = false; atomic { transaction == nobody -> transaction = driver }
#else
     :: goto returns
#endif
     fi;
#endif
     atomic { if :: reset_untold -> reset_untold = false; logged_in = false :: else -> skip fi };
#ifndef NO_SELECTION
     /* SELECT */
     atomic { if :: !present || link_insertion != insertion -> goto lost :: else -> selected = ours fi };
#endif
#ifndef NO_COUNTER
     /* The counter: asked of the file that is selected now, and it has to make sense. */
     atomic {
       if
       :: !present || link_insertion != insertion -> goto lost
       :: else -> if :: selected != ours || tries == 0 -> goto ends :: else -> skip fi
       fi
     };
#endif
     /* VERIFY: the card may be pulled before it has seen it, or its answer may be lost. */
     atomic {
       if
       :: !present || link_insertion != insertion -> goto lost
       :: else -> see_pin(right); accepted = right
       fi
     };
     if :: skip :: goto lost fi;
     if :: accepted -> logged_in = true; login_insertion = insertion :: else -> skip fi;
     goto ends;
lost:
     link = false; logged_in = false;
     atomic { if :: transaction == driver -> transaction = nobody :: else -> skip fi };
#ifdef RESEND
     if :: present -> goto again :: else -> skip fi;
#endif
     goto returns;
ends:
     atomic { if :: transaction == driver -> transaction = nobody :: else -> skip fi };
returns:
     in_call = false;

     /* C_Sign: with the login of this card, or not at all. */
     signatures = 0;
     do
     :: signatures == SIGNATURES || !logged_in -> break
     :: else ->
        signatures++;
        if
        :: atomic { transaction == nobody -> transaction = driver }
        :: break                         /* a rival's transaction lasts too long */
        fi;
        atomic {
          if
#ifndef ANY_CARD
          :: !present || link_insertion != insertion -> link = false; logged_in = false
#endif
          :: reset_untold -> reset_untold = false; logged_in = false
          :: else ->
             if
             :: verified -> assert(login_insertion == insertion)   /* no other card signs for this one */
             :: else -> logged_in = false                          /* 6982: the login is lost */
             fi
          fi;
          transaction = nobody
        }
     od
  od
}

active proctype Rival() {
  byte turns = 0;
  do
  :: turns == TURNS -> break
  :: else ->
     /* Without a transaction of its own, PC/SC keeps it out of ours. */
     atomic { transaction == nobody -> transaction = rival };
     turns++;
     if
     :: selected = theirs
     :: atomic { selected = nothing; reset_untold = true }                       /* a warm reset: PINs may stay */
     :: atomic { selected = nothing; verified = false; reset_untold = true }     /* power-off */
     :: goto holds                                                               /* and never ends it */
     fi;
     transaction = nobody
  od;
holds:
  skip
}

active proctype Hand() {
  byte pulls = 0;
  do
  :: pulls == PULLS -> break
  :: else ->
     atomic { present = false; selected = nothing; verified = false; pulls++ };
     /* The same card or another one: it is another insertion. Somebody may verify a PIN there at once. */
     atomic {
       present = true; insertion++; reset_untold = false;
       if :: verified = true :: skip fi
     }
  od
}
